/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about the files that a crash kernel is made of. */
#include <stdio.h>
#include <string.h>

#include "check/panic-rules.h"

void look_at_files(struct check_finding *finding, const struct check_rule *rule,
		   const struct check_facts *facts)
{
	const struct check_files *files = &facts->files;
	const struct failure *failure = &files->failure.failures[0];

	(void)rule;
	if (files->failure.count && files->armed)
		check_found(finding, CHECK_WARNING, NULL,
			    "what is armed could not be loaded again: %s: %s", failure->subject,
			    failure->detail);
	else if (*files->changed)
		check_found(finding, CHECK_WARNING,
			    "load it again: systemctl restart kexec-crash.service, or kexec load "
			    "--panic --allow-disarm",
			    "%s was written over since it was armed: the old one stays armed and "
			    "could not be loaded again, and the other rules look at the new one",
			    files->changed);
	else if (files->failure.count)
		check_found(finding, CHECK_PROBLEM, "correct /etc/kexec/crash.conf", "%s: %s",
			    failure->subject, failure->detail);
	else if (!files->known)
		check_found(finding, CHECK_INFORMATION, NULL,
			    "none are named, nothing that kexec armed is, and there is no "
			    "/etc/kexec/crash.conf");
	else if (!*files->initrd)
		check_found(finding, CHECK_INFORMATION, NULL, "%s (%s), without an initrd",
			    files->kernel, *files->release ? files->release : "no version");
	else
		check_found(finding, CHECK_OK, NULL, "%s (%s), %s", files->kernel,
			    *files->release ? files->release : "no version", files->initrd);
}

static void list_missing(const struct check_facts *facts, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; i < facts->disk.module_count && used < size; i++)
		if (facts->files.modules[i] == CHECK_MODULE_MISSING)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 facts->disk.modules[i]);
}

void look_at_disk(struct check_finding *finding, const struct check_rule *rule,
		  const struct check_facts *facts)
{
	const struct machine_disk *disk = &facts->disk;
	char missing[256];

	(void)rule;
	list_missing(facts, missing, sizeof(missing));
	if (disk->fact == FACT_UNREADABLE)
		check_found(finding, CHECK_UNKNOWN, NULL, "which disk %s is on cannot be read",
			    disk->folder);
	else if (disk->fact == FACT_ABSENT)
		check_found(finding, CHECK_UNKNOWN, NULL,
			    "%s is on no disk of this machine (%s): what it needs is not known",
			    disk->folder, disk->filesystem);
	else if (!facts->files.known)
		check_found(finding, CHECK_UNKNOWN, NULL,
			    "%s is on %s; which initrd is to reach it is not known", disk->folder,
			    disk->device);
	else if (*missing && (!facts->files.initrds_whole || facts->files.initrds_hide))
		check_found(finding, CHECK_UNKNOWN, NULL,
			    "not all files of the initrd can be seen; among those that can there "
			    "is no %s, for %s on %s",
			    missing, disk->folder, disk->device);
	else if (*missing)
		check_found(finding, CHECK_WARNING, "put them into the crash kernel's initrd",
			    "%s on %s needs modules that the initrd lacks: %s", disk->folder,
			    disk->device, missing);
	else if (!disk->driver_known)
		check_found(finding, CHECK_UNKNOWN, NULL,
			    "which drivers %s needs for %s is not to be seen", disk->device,
			    disk->folder);
	else
		check_found(finding, CHECK_OK, NULL,
			    "what %s on %s needs is in the initrd or built in", disk->folder,
			    disk->device);
}
