/*
 * Tests of clustering by examples: lines, the template that the first of them gets, how many templates all get, and a
 * line not trained on with its template.
 */
#include "logdetect/template.h"

#include <check.h>

Suite *cluster_suite(void);

static lgd_store *learn(const lgd_sv *lines, size_t n) {
    lgd_miner *m = NULL;
    lgd_store *s = NULL;
    lgd_lexer x = {0};
    lgd_err err = {0};
    ck_assert_int_eq(lgd_miner_new(0x5eed, 0, &m, NULL), LGD_OK);
    for (size_t i = 0; i < n; i++) {
        lgd_signature line;
        ck_assert_int_eq(lgd_lex(&x, lines[i], &line, &err), LGD_OK);
        ck_assert_int_eq(lgd_miner_add(m, line.bytes, line.raw_bytes, &err), LGD_OK);
    }
    ck_assert_msg(lgd_miner_freeze(m, &s, &err) == LGD_OK, "%s", err.text);
    lgd_miner_free(m);
    lgd_lexer_release(&x);
    return s;
}

/* The text of a line's template; empty if it has none. */
static lgd_sv template_of(const lgd_store *s, lgd_sv line) {
    lgd_lexer x = {0};
    lgd_signature signature;
    ck_assert_int_eq(lgd_lex(&x, line, &signature, NULL), LGD_OK);
    uint32_t p = lgd_store_find(s, signature.bytes);
    lgd_lexer_release(&x);
    return p == LGD_NO_PATTERN ? (lgd_sv){"", 0} : lgd_store_template(s, lgd_store_pattern(s, p)->template_id)->text;
}

enum { MAX_LINES = 10 };

/* Lines, the template that the first of them gets, how many templates all get, and a line not trained on with its
 * template ("" if it is to be unknown). */
static const struct {
    const char *name, *lines[MAX_LINES];
    const char *first;
    size_t n_templates;
    const char *later, *later_template;
} examples[] = {
    {"values are one template",
     {"Received block blk_1 of size 67108864 from /10.251.42.84", "Received block blk_-7 of size 9 from /10.250.1.2"},
     "Received block <*> of size <*> from <*>",
     1,
     "Received block blk_5 of size 1 from /10.0.0.1",
     "Received block <*> of size <*> from <*>"},
    {"many words at one place are a value",
     {"disk alpha is mounted read only", "disk beta is mounted read only", "disk gamma is mounted read only",
      "disk delta is mounted read only", "disk epsilon is mounted read only", "disk zeta is mounted read only"},
     "disk <*> is mounted read only",
     1,
     "disk omega is mounted read only",
     "disk <*> is mounted read only"},
    {"many second words of two are a value",
     {"removing ftp", "removing echo", "removing time", "removing daytime", "removing rsync", "removing telnet",
      "removing printer", "removing kshell"},
     "removing <*>",
     1,
     "removing klogin",
     "removing <*>"},
    {"few second words of two are events",
     {"removing ftp", "removing echo", "removing time", "removing daytime", "removing rsync", "removing telnet",
      "removing printer"},
     "removing ftp",
     7,
     "removing klogin",
     ""},
    {"few words at one place are events of their own",
     {"the backup job has Started now", "the backup job has Paused now"},
     "the backup job has Started now",
     2,
     "the backup job has Crashed now",
     ""},
    {"names behind a slot word are a value however few",
     {"session opened for user root by admin", "session opened for user bob by admin"},
     "session opened for user <*> by admin",
     1,
     "session opened for user eve by admin",
     "session opened for user <*> by admin"},
    {"a slot word stands before its sign",
     {"login was refused : user = root from console", "login was refused : user = bob from console"},
     "login was refused : user = <*> from console",
     1,
     "login was refused : user = eve from console",
     "login was refused : user = <*> from console"},
    {"two words change together",
     {"link to east is up again now", "link to west is down again now"},
     "link to east is up again now",
     2,
     "link to east is down again now",
     ""},
    {"the first word tells events apart",
     {"Opened the file at line 5", "Closed the file at line 5"},
     "Opened the file at line <*>",
     2,
     "Removed the file at line 5",
     ""},
    {"what has another length is another event",
     {"cache is warm", "cache is warm again"},
     "cache is warm",
     2,
     "cache is warm again today",
     ""},
    {"punctuation is never a value",
     {"state [ ready of all nodes here", "state ( ready of all nodes here"},
     "state [ ready of all nodes here",
     2,
     "state { ready of all nodes here",
     ""},
    {"a narrower text joins the wider one",
     {"peer:5 closed the channel", "10.0.0.1:80 closed the channel"},
     "<*> closed the channel",
     1,
     "10.0.0.2 closed the channel",
     "<*> closed the channel"},
    {"a missing value is a value",
     {"login rhost= here and there", "login rhost=10.0.0.1 here and there"},
     "login rhost=<*> here and there",
     1,
     "login rhost=10.9.9.9 here and there",
     "login rhost=<*> here and there"},
    {"a list of fixed length shows its elements",
     {"weights 1, 2, 3 were set", "weights 4, 5, 6 were set"},
     "weights <*>, <*>, <*> were set",
     1,
     "weights 7, 8, 9 were set",
     "weights <*>, <*>, <*> were set"},
    {"a unit spelled out is shown",
     {"the driver got 5 bytes of it", "the driver got 7 bytes of it"},
     "the driver got <*> bytes of it",
     1,
     "the driver got 9 bytes (9 B) of it",
     "the driver got <*> bytes of it"},
    {"a unit is not shown where it is another one",
     {"the store has 5 KB left here", "the store has 1.5 MB left here"},
     "the store has <*> left here",
     1,
     "the store has 7 GB left here",
     "the store has <*> left here"},
    {"a unit is not shown where it varies",
     {"the driver got 5 bytes of it", "the driver got 2048 bytes (2.00 KB) of it", "the driver got 3 MB of it"},
     "the driver got <*> of it",
     1,
     "the driver got 7 MB of it",
     "the driver got <*> of it"},
    {"a list of numbered names is one value",
     {"cannot resolve an14 an15 an16", "cannot resolve bn97 bn98 bn99 bn100"},
     "cannot resolve <*>",
     1,
     "cannot resolve c1 c2 c3 c4 c5",
     "cannot resolve <*>"},
    {"a list of any length is one value",
     {"weights 1, 2, 3 were set", "weights 4, 5, 6, 7 were set"},
     "weights <*> were set",
     1,
     "weights 1, 2, 3, 4, 5 were set",
     "weights <*> were set"},
    {"five words that came once each are a value",
     {"run the job of step a", "run the job of step b", "run the job of step c", "run the job of step d",
      "run the job of step e"},
     "run the job of step <*>",
     1,
     "run the job of step f",
     "run the job of step <*>"},
    {"what an equals sign and a quote announce is a value",
     {"lock was taken by tag=\"launch\"", "lock was taken by tag=\"audio\""},
     "lock was taken by tag=\"<*>\"",
     1,
     "lock was taken by tag=\"view\"",
     "lock was taken by tag=\"<*>\""},
    {"words that say a state are events however many",
     {"the nightly job is started now", "the nightly job is stopped now", "the nightly job is failed now",
      "the nightly job is paused now", "the nightly job is resumed now", "the nightly job is queued now",
      "the nightly job is held now"},
     "the nightly job is started now",
     6,
     "the nightly job is nice now",
     "the nightly job is <*> now"},
    {"a state within the name of a function is none",
     {"in the file at line get_host_info", "in the file at line update_available_resource",
      "in the file at line qemu_img_info", "in the file at line do_it", "in the file at line mark_failed",
      "in the file at line connect"},
     "in the file at line <*>",
     1,
     "in the file at line accept",
     "in the file at line <*>"},
    {"fields of few words that were seldom seen together are values",
     {"vote of east (state) in west (round) now", "vote of west (state) in east (round) now",
      "vote of east (state) in east (round) now", "vote of north (state) in west (round) now",
      "vote of west (state) in north (round) now", "vote of north (state) in north (round) now"},
     "vote of <*> (state) in <*> (round) now",
     1,
     "vote of south (state) in east (round) now",
     "vote of <*> (state) in <*> (round) now"},
    {"a state within a word is one too",
     {"task of the job went to STARTED here", "task of the job went to NEW here",
      "task of the job went to FAILED_CLEANUP here", "task of the job went to DONE_WAITING here",
      "task of the job went to TASK_KILLED here", "task of the job went to LATE here"},
     "task of the job went to STARTED here",
     5,
     "task of the job went to EARLY here",
     "task of the job went to <*> here"},
    {"words of which few say a state are a value",
     {"the disk of alpha is mounted now", "the disk of beta is mounted now", "the disk of gamma is mounted now",
      "the disk of delta is mounted now", "the disk of up is mounted now", "the disk of idle is mounted now"},
     "the disk of <*> is mounted now",
     1,
     "the disk of zeta is mounted now",
     "the disk of <*> is mounted now"},
    {"true and false are two events where both occur",
     {"setLights(true)", "setLights(false)", "setLights(true)"},
     "setLights(true)",
     2,
     "setLights(off)",
     ""},
    {"many booleans are values",
     {"flags up: true seen: true ready: true", "flags up: false seen: true ready: false",
      "flags up: true seen: false ready: true"},
     "flags up: <*> seen: <*> ready: <*>",
     1,
     "flags up: false seen: false ready: false",
     "flags up: <*> seen: <*> ready: <*>"},
    {"what was never false is a value",
     {"is the screen on: true"},
     "is the screen on: <*>",
     1,
     "is the screen on: false",
     "is the screen on: <*>"},
    {"true and false are values of a key",
     {"switched on=true by hand", "switched on=false by hand"},
     "switched on=<*> by hand",
     1,
     "switched on=true by hand",
     "switched on=<*> by hand"},
    {"a word does not fit where numbers stood",
     {"took 5 ms to load it", "took 7 ms to load it"},
     "took <*> ms to load it",
     1,
     "took long ms to load it",
     ""},
};

static void check_example(size_t i) {
    lgd_sv lines[MAX_LINES];
    size_t n = 0;
    for (; n < MAX_LINES && examples[i].lines[n]; n++) lines[n] = lgd_sv_of(examples[i].lines[n]);
    lgd_store *s = learn(lines, n);
    lgd_sv first = template_of(s, lines[0]), later = template_of(s, lgd_sv_of(examples[i].later));
    ck_assert_msg(lgd_sv_eq(first, lgd_sv_of(examples[i].first)), "%s: '%.*s'", examples[i].name, (int)first.n,
                  first.p);
    ck_assert_msg(lgd_store_n_templates(s) == examples[i].n_templates, "%s: %zu templates", examples[i].name,
                  lgd_store_n_templates(s));
    ck_assert_msg(lgd_sv_eq(later, lgd_sv_of(examples[i].later_template)), "%s: later '%.*s'", examples[i].name,
                  (int)later.n, later.p);
    lgd_store_free(s);
}

START_TEST(test_examples_of_clustering) {
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) check_example(i);
}
END_TEST

Suite *cluster_suite(void) {
    Suite *suite = suite_create("cluster");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, test_examples_of_clustering);
    suite_add_tcase(suite, tests);
    return suite;
}
