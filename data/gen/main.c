/*
 * lgd-sample --out DIR [--seed N] [--days N]: writes DIR/day1, day2, day3 (or as many as asked for) and DIR/bad, each with
 * the five log files of one day, and DIR/bad/labels.tsv. data/README.md says what is in them.
 */
#include "gen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEFAULT_DAYS = 3, MAX_DAYS = 10000, DEFAULT_SEED = 42 };

static bool make_folder(const char *path) {
    if (mkdir(path, 0777) == 0 || errno == EEXIST) return true;
    perror(path);
    return false;
}

static bool write_day(const char *out, uint32_t number, uint64_t seed, bool bad) {
    char folder[4000], labels[4096];
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
    fputs("usage: lgd-sample --out DIR [--seed N] [--days N]\n", stderr);
    return 2;
}

static bool read_number(const char *text, uint64_t *ret) {
    char *end = NULL;
    *ret = strtoull(text, &end, 10);
    return end != text && *end == '\0';
}

int main(int argc, char **argv) {
    const char *out = NULL;
    uint64_t seed = DEFAULT_SEED, n_days = DEFAULT_DAYS;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc) return usage();
        if (strcmp(argv[i], "--out") == 0)
            out = argv[i + 1];
        else if (strcmp(argv[i], "--seed") == 0 ? !read_number(argv[i + 1], &seed)
                                                : strcmp(argv[i], "--days") != 0 || !read_number(argv[i + 1], &n_days))
            return usage();
    }
    if (out == NULL || n_days > MAX_DAYS) return usage();
    if (!make_folder(out)) return 2;
    for (uint32_t number = 0; number <= n_days; number++)
        if (!write_day(out, number, seed, number == n_days)) return 2;
    return 0;
}
