/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/method.h"

#include <errno.h>

bool method_file_gives_way(int code)
{
	return code == ENOSYS || code == EINVAL || code == ENOEXEC || code == ENOTSUP;
}

const char *method_wish_name(enum method_wish wish)
{
	switch (wish) {
	case METHOD_SEGMENTS_ONLY:
		return "segments";
	case METHOD_FILE_ONLY:
		return "file";
	case METHOD_FILE_THEN_SEGMENTS:
		return "file-then-segments";
	case METHOD_ANY:
		break;
	}
	return "any";
}

struct method_choice method_choose(enum method_wish wish, const struct method_facts *facts)
{
	switch (wish) {
	case METHOD_SEGMENTS_ONLY:
		return (struct method_choice){PLAN_SEGMENTS, "-c asks for it"};
	case METHOD_FILE_ONLY:
		return (struct method_choice){PLAN_FILE, "-s asks for it"};
	case METHOD_FILE_THEN_SEGMENTS:
		return (struct method_choice){PLAN_FILE, "-a asks for it first"};
	case METHOD_ANY:
		break;
	}
	if (facts->refused)
		return (struct method_choice){PLAN_FILE, facts->refused};
	if (facts->locked_down)
		return (struct method_choice){PLAN_FILE, "lockdown forbids kexec_load"};
	if (facts->ima_appraises)
		return (struct method_choice){PLAN_FILE, "an IMA policy appraises kernel files"};
	if (facts->handover_enabled)
		return (struct method_choice){PLAN_FILE,
					      "kexec hand-over is on, which kexec_load would drop"};
	if (facts->confidential)
		return (struct method_choice){PLAN_FILE, "this is a confidential guest"};
	if (facts->machine_unknown)
		return (struct method_choice){
		    PLAN_FILE, "the machine's memory map or boot_params cannot be read"};
	if (facts->crash_unknown)
		return (struct method_choice){
		    PLAN_FILE,
		    "what a dump must have (notes, vmcoreinfo, /proc/kcore) cannot be read"};
	if (facts->for_panic)
		return (struct method_choice){
		    PLAN_SEGMENTS, "where the image is damaged, it says so and resets the machine"};
	return (struct method_choice){PLAN_SEGMENTS, "it gives the shortest blackout"};
}
