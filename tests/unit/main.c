/*
 * Runs the unit tests: all suites, or those named on the command line. The table comes from the list in CMakeLists.txt
 * through suites.h, which holds one SUITE(name) for each tests/unit/test_name.c. A run without tests is a failure.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUITE(name) Suite *name##_suite(void);
#include "suites.h"
#undef SUITE

static const struct {
    const char *name;
    Suite *(*make)(void);
} suites[] = {
#define SUITE(name) {#name, name##_suite},
#include "suites.h"
#undef SUITE
};
enum { N_SUITES = sizeof suites / sizeof suites[0] };

static int find(const char *name) {
    for (int i = 0; i < N_SUITES; i++)
        if (strcmp(suites[i].name, name) == 0) return i;
    return -1;
}

int main(int argc, char **argv) {
    SRunner *runner = srunner_create(NULL);
    for (int i = 1; i < argc; i++) {
        int found = find(argv[i]);
        if (found < 0) {
            fprintf(stderr, "lgd-unit: no suite '%s'\n", argv[i]);
            return 2;
        }
        srunner_add_suite(runner, suites[found].make());
    }
    for (int i = 0; argc < 2 && i < N_SUITES; i++) srunner_add_suite(runner, suites[i].make());
    srunner_run_all(runner, CK_ENV);
    int n_failed = srunner_ntests_failed(runner), n_run = srunner_ntests_run(runner);
    srunner_free(runner);
    return n_failed == 0 && n_run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
