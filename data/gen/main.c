/*
 * lgd-sample --out DIR [--seed N]: writes DIR/day1, day2, day3 and DIR/bad, each with the five log files of one day,
 * and DIR/bad/labels.tsv. data/README.md says what is in them.
 */
#include "gen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NORMAL_DAYS = 3, DEFAULT_SEED = 42 };

static bool make_folder(const char *path) {
    if (mkdir(path, 0777) == 0 || errno == EEXIST) return true;
    perror(path);
    return false;
}

static bool write_day(const char *out, uint32_t number, uint64_t seed) {
    char folder[4000], labels[4096];
    bool bad = number == NORMAL_DAYS;
    gen_day d;
    if (bad)
        snprintf(folder, sizeof folder, "%s/bad", out);
    else
        snprintf(folder, sizeof folder, "%s/day%u", out, number + 1);
    if (!make_folder(folder)) return false;
    gen_day_init(&d, number, seed, bad);
    gen_requests(&d);
    gen_service(&d);
    gen_host(&d);
    if (bad) gen_bad(&d);
    gen_day_write(&d, folder);
    snprintf(labels, sizeof labels, "%s/labels.tsv", folder);
    if (bad) gen_day_write_labels(&d, labels);
    gen_day_release(&d);
    return true;
}

static int usage(void) {
    fputs("usage: lgd-sample --out DIR [--seed N]\n", stderr);
    return 2;
}

int main(int argc, char **argv) {
    const char *out = NULL;
    uint64_t seed = DEFAULT_SEED;
    for (int i = 1; i < argc; i += 2) {
        char *end = NULL;
        if (i + 1 == argc) return usage();
        if (strcmp(argv[i], "--out") == 0) {
            out = argv[i + 1];
        } else if (strcmp(argv[i], "--seed") == 0) {
            seed = strtoull(argv[i + 1], &end, 10);
            if (end == argv[i + 1] || *end != '\0') return usage();
        } else {
            return usage();
        }
    }
    if (out == NULL) return usage();
    if (!make_folder(out)) return 2;
    for (uint32_t number = 0; number <= NORMAL_DAYS; number++)
        if (!write_day(out, number, seed)) return 2;
    return 0;
}
