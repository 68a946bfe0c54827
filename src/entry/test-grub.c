/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Configurations of a few lines each, in a folder where nothing is known of mounts. Whole ones, as
 * tools and distributions write them, are in tests/entries.
 */
#include "entry/grub.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/root.h"
#include "machine/mounts.h"
#include "machine/partitions.h"
#include "test-support/folder.h"
#include "test-support/test.h"

struct scene {
	struct folder folder;
	struct root root;
	struct machine_mounts mounts;
	struct machine_partitions partitions;
	struct entry_list list;
};

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct error error = {};

	assert_non_null(scene);
	folder_make(&scene->folder);
	folder_text(&scene->folder, "k", "kernel");
	folder_text(&scene->folder, "empty", "");
	folder_text(&scene->folder, "i1", "initrd");
	folder_text(&scene->folder, "i2", "initrd");
	assert_int_equal(root_open(&scene->root, scene->folder.path, &error), 0);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	entry_list_fini(&scene->list);
	root_close(&scene->root);
	folder_remove(&scene->folder);
	free(scene);
	return 0;
}

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Runs a configuration; what it says GRUB would boot. */
static const struct entry_default *run(struct scene *scene, const char *config)
{
	struct entry_machine machine = {
	    .root = &scene->root,
	    .mounts = &scene->mounts,
	    .partitions = &scene->partitions,
	    .architecture = "x64",
	    .release = "",
	    .command_line = "",
	};

	entry_list_fini(&scene->list);
	folder_text(&scene->folder, "boot/grub/grub.cfg", config);
	assert_int_equal(entry_read_grub(&scene->list, &machine), 0);
	assert_true(scene->list.defaults[LOADER_GRUB].found);
	return &scene->list.defaults[LOADER_GRUB];
}

static const struct entry *entry_with_id(const struct scene *scene, const char *id)
{
	for (size_t i = 0; i < scene->list.count; i++)
		if (strcmp(scene->list.entries[i]->id, id) == 0)
			return scene->list.entries[i];
	return NULL;
}

static void test_words_become_options_as_grub_makes_them(void **state)
{
	static const struct {
		const char *before, *words, *options;
	} rows[] = {
	    {"", "quiet", "quiet"},
	    {"set a=1", "a=$a b=${a}c", "a=1 b=1c"},
	    {"set a='b c'", "$a", "b c"},
	    {"set a='b c'", "x${a}y", "xb cy"},
	    {"set a='b c'", "\"$a\"", "\"b c\""},
	    {"a='b c'", "$a $unset \"\"", "b c "},
	    {"set a=", "x$a", "x"},
	    {"", "'$a \\ '", "\"$a \\\\ \""},
	    {"", "dyndbg=\\\"file a +p\\\"", "dyndbg=\\\"file a +p\\\""},
	    {"", "a\\ b", "\"a b\""},
	    {"", "\\x41 \\q '\\x2d'", "x41 q \\\\x2d"},
	    {"", "a*b c?", "a*b c?"},
	    {"set a=1; unset a", "<$a>", NULL},
	    {"set a=1; unset a", "x$a", "x"},
	    {"function f { set a=\"$1+$#\"; }\nf b c", "$a", "b+2"},
	    {"function f { shift; set a=\"$*\"; }\nf b c d", "$a", "c d"},
	    {"function f { setparams x; set a=$1; }\nf b", "$a", "x"},
	    {"function f { set a=1; return; set a=2; }\nf", "$a", "1"},
	    {"for i in a b c; do set a=\"$a$i\"; done", "$a", "abc"},
	    {"for i in a b c; do if [ $i = b ]; then continue; fi; set a=\"$a$i\"; done", "$a",
	     "ac"},
	    {"for i in a b c; do if [ $i = b ]; then break; fi; set a=\"$a$i\"; done", "$a", "a"},
	    {"for i in a b; do for j in 1 2; do break 2; done; set a=x; done", "a$a", "a"},
	    {"set a=; while [ \"$a\" != xxx ]; do set a=\"x$a\"; done", "$a", "xxx"},
	    {"until [ \"$a\" = xx ]; do set a=\"x$a\"; done", "$a", "xx"},
	    {"eval \"set a=1\"; eval set b=2", "$a $b", "1 2"},
	    {"set a=b; eval \"set $a=3\"", "$b", "3"},
	    {"true; set a=$?; false; set b=$?", "$a $b", "0 1"},
	    {"", "a \\\n b", "a b"},
	    {"", "$grub_platform $grub_cpu $feature_menuentry_id", "pc i386 y"},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char config[1024];
		const struct entry *entry;

		snprintf(config, sizeof(config), "%s\nmenuentry x {\nlinux /k %s\n}\n",
			 rows[i].before, rows[i].words);
		run(scene, config);
		entry = entry_with_id(scene, "x");
		assert_row(rows[i].words, (entry != NULL) == (rows[i].options != NULL));
		if (!entry)
			continue;
		assert_row(rows[i].words, entry->problem == ENTRY_USABLE);
		if (strcmp(entry->options, rows[i].options) != 0)
			fail_msg("%s: options are: %s", rows[i].words, entry->options);
	}
}

static void test_conditions_are_those_of_grub(void **state)
{
	static const struct {
		const char *condition;
		bool is_true;
	} rows[] = {
	    {"true", true},
	    {"! true", false},
	    {"[ ]", true},
	    {"[ x ]", true},
	    {"[ \"\" ]", false},
	    {"[ ! \"\" ]", true},
	    {"[ -n \"\" ]", false},
	    {"[ -z \"\" ]", true},
	    {"[ a = a ]", true},
	    {"[ a == b ]", false},
	    {"[ a != b ]", true},
	    {"[ 2 -lt 10 ]", true},
	    {"[ 10 -ge 11 ]", false},
	    {"[ -1 -lt 0 ]", true},
	    {"[ k-2 -plt k-11 ]", true},
	    {"[ k-12 -pgt k-11 ]", true},
	    {"[ -e /k -a -f /k -a -s /k ]", true},
	    {"[ -s /empty ]", false},
	    {"[ -f /empty ]", true},
	    {"[ -f /boot ]", false},
	    {"[ -d /boot ]", true},
	    {"[ -e /nothing ]", false},
	    {"[ a = b -o c = c ]", true},
	    {"[ a = a -a c = d -o e = e ]", true},
	    {"[ a = b -a c = c ]", false},
	    {"[ ( a = b -o c = c ) -a ! d = e ]", true},
	    {"test a = a", true},
	    {"[ -s $prefix/grub.cfg ]", true},
	    {"search --no-such-thing", false},
	    {"load_env", false},
	    {"source /nothing", true},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char config[1024];
		const struct entry *entry;

		snprintf(config, sizeof(config),
			 "if %s; then set a=true; else set a=false; fi\n"
			 "menuentry x { linux /k $a; }\n",
			 rows[i].condition);
		run(scene, config);
		entry = entry_with_id(scene, "x");
		assert_row(rows[i].condition, entry && entry->problem == ENTRY_USABLE);
		assert_row(rows[i].condition,
			   strcmp(entry->options, rows[i].is_true ? "true" : "false") == 0);
	}
}

#define MENU                                                                                       \
	"menuentry 'Zero' --id zero { linux /k; }\n"                                               \
	"menuentry '1 One' --id 1one { linux /k; }\n"                                              \
	"submenu 'More' --id more { menuentry 'Two' --id two { linux /k; }\n"                      \
	"menuentry 'Th>ree' --id 'th>ree' { linux /k; } }\n"                                       \
	"menuentry 'Four' { linux /k; }\n"

static void test_the_default_is_chosen_by_grub_s_rule(void **state)
{
	static const struct {
		const char *value, *id, *fedora_id;
	} rows[] = {
	    {"", "zero", "zero"},
	    {"0", "zero", "zero"},
	    {"1", "1one", "1one"},
	    {"2", "more>two", "more>two"},
	    {"2>1", "more>th>>ree", "zero"},
	    {"more>1", "more>th>>ree", "more>th>>ree"},
	    {"more>th>>ree", "more>th>>ree", "more>th>>ree"},
	    {"More>Two", "more>two", "more>two"},
	    {"more", "more>two", "more>two"},
	    {"more>no such", "more>two", "more>two"},
	    {"3", "Four", "Four"},
	    {"Four", "Four", "Four"},
	    {"4", "zero", "zero"},
	    {"99999999999999999999", "zero", "zero"},
	    {"-1", "zero", "zero"},
	    {"no such", "zero", "zero"},
	    {"1one", "1one", "1one"},
	    {"1 One", "1one", "1one"},
	    {"3xyz", "Four", "zero"},
	    {"0x1", "1one", "1one"},
	    {"08", "zero", "zero"},
	    {" 1", "1one", "1one"},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct entry_default *choice;
		char config[1024];

		snprintf(config, sizeof(config), "set timeout=1\nset default='%s'\n" MENU,
			 rows[i].value);
		choice = run(scene, config);
		assert_row(rows[i].value, choice->entry);
		assert_row(rows[i].value, strcmp(choice->entry->id, rows[i].id) == 0);
		folder_text(&scene->folder, "etc/os-release", "ID=x\nID_LIKE=\"rhel fedora\"\n");
		choice = run(scene, config);
		assert_row(rows[i].value, strcmp(choice->entry->id, rows[i].fedora_id) == 0);
		folder_delete(&scene->folder, "etc/os-release");
	}
}

static void test_a_default_that_names_nothing_is_told(void **state)
{
	const struct entry_default *choice = run(*state, "set timeout=1\nset default=gone\n" MENU);

	assert_int_equal(choice->reason, REASON_FIRST);
	assert_string_equal(choice->value, "gone");
	assert_contains(choice->detail, "\"gone\" is no entry");
	choice = run(*state, "set timeout=1\nset default=0\n" MENU);
	assert_int_equal(choice->reason, REASON_DEFAULT);
	assert_int_equal(choice->line, 2);
	assert_null(choice->detail);
	choice = run(*state, MENU);
	assert_int_equal(choice->reason, REASON_FIRST);
	assert_contains(choice->detail, "waits for a key");
}

static void test_what_depends_on_a_doubt_is_not_known_and_nothing_else_is(void **state)
{
	static const struct {
		const char *config;
		const char *id; /* of the default; NULL: it cannot be told */
		const char *unusable;
	} rows[] = {
	    {"if keystatus --shift; then set timeout=-1; fi\n" MENU, "zero", NULL},
	    {"if keystatus --shift; then set default=1; fi\n" MENU, NULL, NULL},
	    {"if keystatus --shift; then set default=; fi\nset default=1\n" MENU, "1one", NULL},
	    {"set default=1\nif keystatus; then set default=1; fi\n" MENU, "1one", NULL},
	    {"if keystatus; then true; else set default=1; fi\n" MENU, NULL, NULL},
	    {"if cpuid -l; then set a=64; fi\nmenuentry a { linux /k; }\n"
	     "menuentry b { linux /k$a; }\n",
	     "a", "b"},
	    {"if cpuid -l; then set a=64; fi\nset default=1\nmenuentry a { linux /k; }\n"
	     "menuentry b { linux /k x$a; }\n",
	     "b", "b"},
	    {"if cpuid -l; then menuentry a { linux /k; }\nfi\nmenuentry b { linux /k; }\n", NULL,
	     "a"},
	    {"set default=b\nif cpuid -l; then menuentry a { linux /k; }\nfi\n"
	     "menuentry b { linux /k; }\n",
	     "b", "a"},
	    {"menuentry b { linux /k; }\nif cpuid -l; then menuentry a { linux /k; }\nfi\n", "b",
	     "a"},
	    {"smbios --type 1 --get-string 4 --set vendor\nif [ \"$vendor\" = x ]; then\n"
	     "set default=1\nfi\n" MENU,
	     NULL, NULL},
	    {"frobnicate\n" MENU, "zero", NULL},
	    {"if frobnicate; then set default=1; fi\n" MENU, NULL, NULL},
	    {"if [ \"$feature_new\" = y ]; then set default=1; fi\n" MENU, NULL, NULL},
	    {"set default=\"${default}1\"\nset x=$cmdpath\n" MENU, "1one", NULL},
	    {"set default=$cmdpath\n" MENU, NULL, NULL},
	    {"$cmdpath\n" MENU, NULL, "zero"},
	    {"legacy_source /x\n" MENU, NULL, "zero"},
	    {MENU "set a=1 && true\n", NULL, NULL},
	    {"if [ -f (hd0,1)/x ]; then set default=1; fi\n" MENU, NULL, NULL},
	    {"if [ -f (hd0,1)/x -a a = b ]; then set default=1; fi\n" MENU, "zero", NULL},
	    {"if [ -f (hd0,1)/x -o a = a ]; then set default=1; fi\n" MENU, "1one", NULL},
	    {"menuentry a { set root=(hd0,1); linux /k; }\n", "a", "a"},
	    {"menuentry a { search --fs-uuid --set=root 12-34; linux /k; }\n", "a", "a"},
	    {"menuentry a { linux /k from=$root; }\n", "a", "a"},
	    {"menuentry \"a $root\" { linux /k; }\n", NULL, "-"},
	    {"if [ $root = hd0,1 ]; then set default=1; fi\n" MENU, NULL, NULL},
	    {"x=$root; if [ $root = $x -a -n \"$root\" ]; then set default=1; fi\n" MENU, "1one",
	     NULL},
	    {"insmod regexp\nmenuentry a { linux /k x=*; }\n", "a", "a"},
	    {"if cpuid; then configfile /x; fi\n" MENU, "zero", NULL},
	    {"for i in $cmdpath; do set default=1; done\n" MENU, NULL, NULL},
	    {"while keystatus; do set default=1; done\n" MENU, NULL, NULL},
	    {"function f { if keystatus; then return; fi; set default=1; }\nf\n" MENU, NULL, NULL},
	    {"function f { if keystatus; then return; fi; }\nf\nset default=1\n" MENU, "1one",
	     NULL},
	    {"for i in 1; do if keystatus; then break; fi; done\n" MENU, "zero", NULL},
	    {"if keystatus; then exit; fi\n" MENU, NULL, "zero"},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct entry_default *choice = run(scene, rows[i].config);

		assert_row(rows[i].config, (choice->entry != NULL) == (rows[i].id != NULL));
		if (rows[i].id) {
			assert_row(rows[i].config, strcmp(choice->entry->id, rows[i].id) == 0);
		} else {
			assert_row(rows[i].config, choice->reason == REASON_UNKNOWN);
			assert_row(rows[i].config, strstr(choice->detail, "line ") ||
						       strstr(choice->detail, "cmdpath"));
		}
		for (size_t j = 0; j < scene->list.count; j++) {
			const struct entry *entry = scene->list.entries[j];

			if (rows[i].unusable && strcmp(entry->id, rows[i].unusable) == 0)
				assert_row(rows[i].config, entry->problem != ENTRY_USABLE);
			else if (!rows[i].unusable)
				assert_row(rows[i].config, entry->problem == ENTRY_USABLE);
		}
	}
}

#define BLOCK "# GRUB Environment Block\n"

static void test_what_grub_writes_is_told_and_not_done(void **state)
{
	static const char config[] =
	    "load_env\nset timeout=1\nset default=0\n"
	    "if [ \"${next_entry}\" ]; then set default=\"${next_entry}\"; set next_entry=\n"
	    "save_env next_entry; set boot_once=true; fi\n"
	    "function savedefault { if [ -z \"${boot_once}\" ]; then\n"
	    "saved_entry=\"${chosen}\"; save_env saved_entry; fi; }\n"
	    "menuentry a { savedefault; linux /k; }\n"
	    "submenu m { menuentry b { savedefault; linux /k; }; }\n";
	struct scene *scene = *state;
	const struct entry_default *choice;
	char *block;

	folder_text(&scene->folder, "boot/grub/grubenv", BLOCK "next_entry=1\n####");
	choice = run(scene, config);
	assert_string_equal(choice->entry->id, "m>b");
	assert_int_equal(choice->reason, REASON_ONE_SHOT);
	assert_string_equal(choice->source, "/boot/grub/grubenv");
	/* $boot_once is not exported, so that GRUB does not see it in a submenu. */
	assert_int_equal(choice->write_count, 2);
	assert_string_equal(choice->writes[1].name, "saved_entry");
	assert_string_equal(choice->writes[0].path, "/boot/grub/grubenv");
	assert_string_equal(choice->writes[0].name, "next_entry");
	assert_string_equal(choice->writes[0].value, "");
	block = folder_read(&scene->folder, "boot/grub/grubenv");
	assert_string_equal(block, BLOCK "next_entry=1\n####");
	free(block);

	folder_text(&scene->folder, "boot/grub/grubenv", BLOCK "saved_entry=1\n####");
	choice = run(
	    scene, "load_env\nset timeout=1\nset default=\"${saved_entry}\"\n"
		   "function savedefault { saved_entry=\"${chosen}\"; save_env saved_entry; }\n"
		   "menuentry a { savedefault; linux /k; }\n"
		   "submenu m { menuentry b { savedefault; unset x; save_env x; linux /k; }; }\n");
	assert_int_equal(choice->reason, REASON_SAVED);
	assert_int_equal(choice->write_count, 2);
	assert_string_equal(choice->writes[0].value, "m>b");
	assert_null(choice->writes[1].value);
	folder_delete(&scene->folder, "boot/grub/grubenv");
	assert_int_equal(run(scene, "set x=1\nsave_env x\n" MENU)->write_count, 0);
}

static void test_several_initrds_and_packed_ones(void **state)
{
	struct scene *scene = *state;
	const struct entry *entry;

	run(scene, "menuentry a { linux /k; initrd /i2; initrd /i1 newc:a/b:/i2; }\n");
	entry = entry_with_id(scene, "a");
	assert_int_equal(entry->problem, ENTRY_USABLE);
	assert_int_equal(entry->initrds.count, 2);
	assert_string_equal(entry->initrds.files[0].path, "/i1");
	assert_string_equal(entry->initrds.files[1].path, "/i2");
	assert_string_equal(entry->initrds.files[1].packed_as, "a/b");
}

static void test_an_entry_that_cannot_be_started_says_why(void **state)
{
	static const struct {
		const char *body;
		enum entry_problem problem;
		const char *part;
	} rows[] = {
	    {"linux /gone", ENTRY_FILE_MISSING, "gone"},
	    {"linux /\x01)", ENTRY_FILE_MISSING, "/\x01)"},
	    {"linux /k; initrd /i1 /gone", ENTRY_FILE_MISSING, "gone"},
	    {"linux /k; initrd ../i1", ENTRY_MALFORMED, "i1"},
	    {"linux /boot/../../k", ENTRY_MALFORMED, "k"},
	    {"chainloader +1", ENTRY_NOT_LINUX, "chainloader"},
	    {"fwsetup", ENTRY_NOT_LINUX, "fwsetup"},
	    {"multiboot /xen; module /k", ENTRY_NOT_UNDERSTOOD, "/xen"},
	    {"true", ENTRY_NO_KERNEL, "no kernel"},
	    {"initrd /i1", ENTRY_NO_KERNEL, "no kernel"},
	    {"configfile /boot/grub/grub.cfg", ENTRY_NOT_LINUX, "part of"},
	    {"a=xxxxxxxxxxxxxxxx; for i in 1 2 3 4 5 6 7 8 9 0; do a=$a$a; done; "
	     "linux /k $a $a $a $a $a",
	     ENTRY_MALFORMED, "too long"},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char config[512], text[1024];
		const struct entry *entry;

		snprintf(config, sizeof(config), "menuentry a { %s; }\n", rows[i].body);
		run(scene, config);
		entry = entry_with_id(scene, "a");
		assert_row(rows[i].body, entry && entry->problem == rows[i].problem);
		snprintf(text, sizeof(text), "%s: %s", entry->problem_subject,
			 entry->problem_detail);
		assert_row(rows[i].body, strstr(text, rows[i].part));
		/* The next one is not taken in its place. */
		assert_row(rows[i].body, scene->list.defaults[LOADER_GRUB].entry == entry);
	}
}

static void test_other_configurations(void **state)
{
	struct scene *scene = *state;
	const struct entry_default *choice;

	folder_text(&scene->folder, "a.cfg", "set timeout=1\nset default=1\n" MENU);
	assert_string_equal(run(scene, "source /a.cfg\n")->entry->id, "1one");
	assert_string_equal(run(scene, "menuentry x { linux /k; }\nconfigfile /a.cfg\n")->entry->id,
			    "1one");
	choice = run(scene, "menuentry x { configfile /a.cfg; }\n");
	assert_string_equal(choice->entry->id, "x>1one");
	/* What is not exported, another configuration does not see. */
	folder_text(&scene->folder, "b.cfg", "menuentry \"$a$b\" { linux /k; }\n");
	run(scene, "set a=1; set b=2; export b\nconfigfile /b.cfg\n");
	assert_string_equal(scene->list.entries[0]->title, "2");
	folder_text(&scene->folder, "c.cfg", "linux /k without\nboot\n");
	choice = run(scene, "configfile /gone\nsource /c.cfg\nset default=1\n");
	assert_string_equal(choice->entry->options, "without");
}

static void test_what_goes_on_for_ever_ends(void **state)
{
	static const char *const rows[] = {
	    "source /boot/grub/grub.cfg\n",
	    "function f { f; }\nf\n",
	    "set x=xxxxxxxxxxxxxxxx\nwhile true; do set x=$x$x; done\n",
	    "while true; do menuentry a { linux /k; }\ndone\n",
	    "for a in 1 2 3 4 5 6 7 8 9 0; do for b in 1 2 3 4 5 6 7 8 9 0; do\n"
	    "for c in 1 2 3 4 5 6 7 8 9 0; do for d in 1 2 3 4 5 6 7 8 9 0; do\n"
	    "for e in 1 2 3 4 5 6 7 8 9 0; do for f in 1 2 3 4 5 6 7 8 9 0; do\n"
	    "set g=1; done; done; done; done; done; done\n",
	    "eval 'eval $x'\nset x='eval $x'; eval $x\n",
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct entry_default *choice = run(scene, rows[i]);

		assert_row(rows[i], !choice->entry || i == 3);
		assert_row(rows[i], choice->detail);
	}
}

static void test_mistakes_are_told_with_their_line(void **state)
{
	struct scene *scene = *state;
	const struct entry_default *choice =
	    run(scene, "set default=0\n" MENU "\nif true; do\nfi\nset default=1\n");

	assert_null(choice->entry);
	assert_contains(choice->detail, "/boot/grub/grub.cfg, line 8");
	assert_int_equal(scene->list.remark_count, 1);
	assert_int_equal(scene->list.remarks[0].line, 8);
	assert_int_equal(entry_with_id(scene, "zero")->problem, ENTRY_USABLE);
}

static void test_versions_are_compared_as_rpm_does(void **state)
{
	/* From the newest. */
	static const char *const rows[] = {"6.10.0", "6.9.12",    "6.9.2", "6.9.0a",
					   "6.9.0",  "6.9.0~rc1", "6.9",   "06.8",
					   "b",      "a",         ""};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		for (size_t j = 0; j < ELEMENTS(rows); j++) {
			int order = grub_compare_rpm(rows[i], rows[j]);

			assert_row(rows[i], i < j ? order > 0 : i > j ? order < 0 : order == 0);
		}
	assert_int_equal(grub_compare_rpm("1.0", "1_0"), 0);
	assert_int_equal(grub_compare_rpm("1.001", "1.1"), 0);
}

static void write_bls(struct scene *scene, const char *id, const char *text)
{
	char name[256];

	snprintf(name, sizeof(name), "boot/loader/entries/%s.conf", id);
	folder_text(&scene->folder, name, text);
}

static void test_blscfg_is_fedora_s(void **state)
{
	static const char *const order[] = {"m-6.10.0-1", "m-6.9.0-200", "m-6.9.0-30",
					    "m-0-rescue"};
	static const struct {
		const char *before, *options, *result;
	} rows[] = {
	    {"", "options root=/dev/a ro", "root=/dev/a ro"},
	    {"set kernelopts='root=x ro '", "options $kernelopts", "root=x ro"},
	    {"set kernelopts='root=x '; set tuned_params=t", "options $kernelopts $tuned_params",
	     "root=x t"},
	    /* GRUB loses the space in between, which is why kernelopts ends with one. */
	    {"set kernelopts=root=x; set tuned_params=t", "options $kernelopts $tuned_params",
	     "root=xt"},
	    {"set default_kernelopts='root=d'", "options $kernelopts", "root=d"},
	    {"set default_kernelopts='root=d'", "", "root=d"},
	    {"", "options one\noptions two", "one"},
	    {"", "options one\nnothing\ninitrd /gone", "one"},
	    {"", "# options no\n\toptions\tone", "one"},
	    {"", "options\tone two", ""} /* it looks for a space first */,
	    {"", "options a", ""}, /* a part of one byte is lost */
	    {"", "options x='a b'", "\"x=a b\""},
	};
	struct scene *scene = *state;
	char text[512];

	folder_text(&scene->folder, "boot/loader/entries/x.txt", "linux /k\n");
	folder_text(&scene->folder, "boot/loader/entries/.x.conf", "linux /k\n");
	for (size_t i = 0; i < ELEMENTS(order); i++)
		write_bls(scene, order[i], "title T\nlinux /k\ninitrd /i1\n");
	write_bls(scene, "m-9-1", "title no kernel\n");
	assert_string_equal(run(scene, "set default=m-6.9.0-200\nblscfg\n")->entry->id,
			    "m-6.9.0-200");
	assert_int_equal(scene->list.count, ELEMENTS(order));
	for (size_t i = 0; i < ELEMENTS(order); i++)
		assert_string_equal(scene->list.entries[i]->id, order[i]);
	assert_int_equal(scene->list.entries[0]->initrds.count, 1);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct entry *entry;

		snprintf(text, sizeof(text), "title T\nlinux /k\n%s\n", rows[i].options);
		write_bls(scene, "m-8-1", text);
		snprintf(text, sizeof(text), "%s\nblscfg\n", rows[i].before);
		run(scene, text);
		entry = entry_with_id(scene, "m-8-1");
		assert_row(rows[i].options, entry && entry->problem == ENTRY_USABLE);
		if (strcmp(entry->options, rows[i].result) != 0)
			fail_msg("%s: options are: %s", rows[i].options, entry->options);
	}
	write_bls(scene, "m-8-1", "linux /k\noptions $first $second last\n");
	run(scene, "set first='a b'\nset second=cd\nblscfg --enable-fallback\n");
	assert_string_equal(entry_with_id(scene, "m-8-1")->options, "a b cd last");
	run(scene, "set early_initrd='i2'\nblscfg m-6.10.0-1\n");
	assert_int_equal(scene->list.count, 1);
	assert_string_equal(scene->list.entries[0]->initrds.files[0].path, "/i2");
	run(scene, "set default=m-6.9.0-200\nblscfg non-default\nblscfg default\n");
	assert_string_equal(scene->list.entries[scene->list.count - 1]->id, "m-6.9.0-200");
}

static void test_displays_are_matched_by_patterns(void **state)
{
	static const struct {
		const char *list, *result;
	} rows[] = {
	    {"", "0"},
	    {"# v15add0405sv15adsd0405bc03sc00\n", "0"},
	    {"v15add0405sv15adsd0405bc03sc00\n", "1"},
	    {"v15add0405sv15adsd0405bc03sc0\n", "0"},
	    {"v15add0405sv15adsd0405bc03sc000\n", "0"},
	    {"v15adbc03sc00\nv15add.*sv.*sd.*bc03sc00", "1"},
	    {"v15add.*bc04.*", "0"},
	    {"v15a[a-d]d0[^0-3]0[0-9a-f]s.*", "1"},
	    {"v15a[a-c]d.*", "0"},
	    {"v15ad(d0405|x).*", ""},
	    {"v15ad(x).*\nv15ad.*", "1"},
	    {"v8086.*\nv15ad[.*", ""},
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < 2; i++) {
		const char *values[][5] = {{"0x15ad", "0x0405", "0x15ad", "0x0405", "0x030000"},
					   {"0x8086", "0x7000", "0x1af4", "0x1100", "0x060100"}};
		static const char *const names[] = {"vendor", "device", "subsystem_vendor",
						    "subsystem_device", "class"};

		for (size_t j = 0; j < ELEMENTS(names); j++) {
			char path[128];

			snprintf(path, sizeof(path), "sys/bus/pci/devices/0000:00:0%zu.0/%s", i,
				 names[j]);
			folder_text(&scene->folder, path, values[i][j]);
		}
	}
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct entry *entry;

		folder_text(&scene->folder, "list", rows[i].list);
		run(scene, "hwmatch /list 3\nmenuentry x { linux /k $match; }\n");
		entry = entry_with_id(scene, "x");
		assert_row(rows[i].list, entry && strcmp(entry->options, rows[i].result) == 0);
		assert_row(rows[i].list,
			   (entry->problem == ENTRY_USABLE) == (*rows[i].result != '\0'));
	}
	run(scene, "hwmatch /list 2\nmenuentry x { linux /k $match; }\n");
	assert_string_equal(entry_with_id(scene, "x")->options, "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE_TEST(test_words_become_options_as_grub_makes_them),
	    SCENE_TEST(test_conditions_are_those_of_grub),
	    SCENE_TEST(test_the_default_is_chosen_by_grub_s_rule),
	    SCENE_TEST(test_a_default_that_names_nothing_is_told),
	    SCENE_TEST(test_what_depends_on_a_doubt_is_not_known_and_nothing_else_is),
	    SCENE_TEST(test_what_grub_writes_is_told_and_not_done),
	    SCENE_TEST(test_several_initrds_and_packed_ones),
	    SCENE_TEST(test_an_entry_that_cannot_be_started_says_why),
	    SCENE_TEST(test_other_configurations),
	    SCENE_TEST(test_what_goes_on_for_ever_ends),
	    SCENE_TEST(test_mistakes_are_told_with_their_line),
	    cmocka_unit_test(test_versions_are_compared_as_rpm_does),
	    SCENE_TEST(test_blscfg_is_fedora_s),
	    SCENE_TEST(test_displays_are_matched_by_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
