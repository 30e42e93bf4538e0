/*
 * lgd-inject --train NORMAL --input LOG --output LOG --truth CSV [--kinds a,b,...] [--count N] [--seed N] [--session KEY]:
 * puts N labelled faults into a normal log of any format. data/README.md says which kinds there are. A kind that the log
 * cannot carry is left out, and standard error says so. Exit status 0, 2 when nothing could be done.
 */
#include "inject.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct options {
    const char *train, *input, *output, *truth, *kinds, *session, *count, *seed;
} options;

static int usage(void) {
    fputs("usage: lgd-inject --train NORMAL --input LOG --output LOG --truth CSV [--kinds KIND,...] [--count N] "
          "[--seed N] "
          "[--session auto|none|REGEX]\nkinds:",
          stderr);
    for (int k = 0; k < INJECT_KINDS; k++) fprintf(stderr, " %s", inject_kinds[k].name);
    fputc('\n', stderr);
    return 2;
}

static bool read_options(int argc, char **argv, options *o) {
    const struct {
        const char *name;
        const char **to;
    } rows[] = {{"--train", &o->train}, {"--input", &o->input}, {"--output", &o->output}, {"--truth", &o->truth},
                {"--kinds", &o->kinds}, {"--count", &o->count}, {"--seed", &o->seed},     {"--session", &o->session}};
    for (int i = 1; i < argc; i += 2) {
        size_t k = 0;
        while (k < sizeof rows / sizeof rows[0] && strcmp(argv[i], rows[k].name) != 0) k++;
        if (k == sizeof rows / sizeof rows[0] || i + 1 == argc) return false;
        *rows[k].to = argv[i + 1];
    }
    return o->train && o->input && o->output && o->truth;
}

static bool read_kinds(const char *text, unsigned *ret) {
    *ret = text ? 0 : (1u << INJECT_KINDS) - 1;
    for (lgd_sv rest = lgd_sv_of(text); rest.n;) {
        const char *comma = memchr(rest.p, ',', rest.n);
        lgd_sv name = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
        int k = 0;
        while (k < INJECT_KINDS && !lgd_sv_eq(name, lgd_sv_of(inject_kinds[k].name))) k++;
        if (k == INJECT_KINDS) return false;
        *ret |= 1u << k;
        size_t taken = name.n + (comma != NULL);
        rest = (lgd_sv){rest.p + taken, rest.n - taken};
    }
    return *ret != 0;
}

static bool read_number(const char *text, uint64_t fallback, uint64_t *ret) {
    *ret = fallback;
    return !text || lgd_parse_u64(lgd_sv_of(text), ret);
}

/* One line for each kind: how many there are, or why none. */
static void tell(const inject_plan *p, unsigned kinds) {
    for (int k = 0; k < INJECT_KINDS; k++) {
        size_t n = 0;
        if (!(kinds >> k & 1)) continue;
        for (size_t i = 0; i < p->n_faults; i++) n += p->faults[i].kind == (inject_kind)k;
        if (n)
            fprintf(stderr, "%s: %zu\n", inject_kinds[k].name, n);
        else
            fprintf(stderr, "%s: none, the log has no carrier (%s)\n", inject_kinds[k].name, inject_kinds[k].carrier);
    }
}

static lgd_status run_inject(const options *o, inject_plan *p, lgd_err *err) {
    const lgd_world world = {.hash_key = 1, .n_threads = 1, .spool_dir = "/tmp"};
    uint64_t count = 0, seed = 0;
    unsigned kinds = 0;
    if (!read_kinds(o->kinds, &kinds)) return lgd_fail(err, LGD_E_USAGE, "--kinds %s: no such kind", o->kinds);
    if (!read_number(o->count, 9, &count) || !read_number(o->seed, 42, &seed) || count == 0 || count > 100000)
        return lgd_fail(err, LGD_E_USAGE, "--count and --seed are numbers");
    LGD_TRY(inject_normal_learn(p->normal, o->train, o->session, &world, err));
    LGD_TRY(inject_log_read(p->log, p->normal, o->input, err));
    lgd_rng_init(&p->rng, seed);
    LGD_TRY(inject_place(p, kinds, (uint32_t)count));
    if (p->n_faults == 0) return lgd_fail(err, LGD_E_DATA, "%s: carries no fault; nothing was written", o->input);
    LGD_TRY(inject_write(p, o->output, o->truth, err));
    tell(p, kinds);
    return LGD_OK;
}

int main(int argc, char **argv) {
    options o = {0};
    lgd_err err = {0};
    inject_log log = {0};
    inject_normal normal = {0};
    inject_plan p = {.log = &log, .normal = &normal, .err = &err};
    if (!read_options(argc, argv, &o)) return usage();
    lgd_status status = run_inject(&o, &p, &err);
    if (status != LGD_OK) fprintf(stderr, "lgd-inject: %s\n", err.text);
    lgd_free(p.faults);
    inject_log_release(&log);
    inject_normal_release(&normal);
    return status == LGD_OK ? 0 : 2;
}
