/*
 * A format file and lines, parted by a line `---`: the file is taken or refused with a reason; what is taken is found for
 * the lines or not, cuts them into parts of themselves, and is the same after a way through its bytes.
 */
#include "fuzz.h"

#include "logdetect/format.h"

enum { MAX_LINES = 64 };

static void check_lines(const lgd_formats *formats, lgd_cutter *cutter, lgd_sv input) {
    lgd_sv lines[MAX_LINES];
    size_t n = 0;
    lgd_profile *p = NULL, *loaded = NULL;
    lgd_buf bytes = {0};
    for (; n < MAX_LINES && input.n; n++) lines[n] = fuzz_line(&input);
    MUST(lgd_profile_learn(formats, lines, n, &p, NULL) == LGD_OK);
    MUST(lgd_profile_save(p, &bytes, NULL) == LGD_OK);
    MUST(lgd_profile_load(lgd_buf_sv(&bytes), &loaded, NULL) == LGD_OK && lgd_profile_equal(p, loaded));
    for (size_t i = 0; i < n; i++) {
        lgd_cut a, b;
        MUST(lgd_profile_cut(p, lines[i], cutter, &a, NULL) == LGD_OK);
        MUST(lgd_profile_cut(loaded, lines[i], cutter, &b, NULL) == LGD_OK);
        MUST(lgd_sv_eq(a.header.message, b.header.message) && a.format == b.format && a.fits == b.fits);
        MUST(a.header.message.n > 0 || lgd_sv_trim(lines[i]).n == 0);
        MUST(a.format < lgd_profile_n_formats(p));
    }
    lgd_buf_release(&bytes);
    lgd_profile_free(loaded);
    lgd_profile_free(p);
}

/* The text up to a line of three hyphens; *rest is what follows it. */
static lgd_sv file_part(lgd_sv input, lgd_sv *rest) {
    lgd_sv left = input;
    while (left.n) {
        const char *begin = left.p;
        lgd_sv line = fuzz_line(&left);
        if (!lgd_sv_eq(line, LGD_SV("---"))) continue;
        *rest = left;
        return (lgd_sv){input.p, (size_t)(begin - input.p)};
    }
    *rest = input;
    return input;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    lgd_sv lines, yaml = file_part((lgd_sv){(const char *)bytes, n}, &lines);
    lgd_formats *formats = NULL;
    lgd_cutter *cutter = NULL;
    lgd_arena arena = {0};
    lgd_err err = {0};
    MUST(lgd_formats_new((lgd_sv){"", 0}, &formats, NULL) == LGD_OK);
    MUST(lgd_cutter_new(&arena, &cutter, NULL) == LGD_OK);
    lgd_status status = lgd_formats_parse(formats, "x.yaml", yaml, &err);
    MUST(status == LGD_OK ? !err.text[0] : status == LGD_E_USAGE && strncmp(err.text, "x.yaml:", 7) == 0);
    check_lines(formats, cutter, lines);
    lgd_cutter_free(cutter);
    lgd_formats_free(formats);
    lgd_arena_release(&arena);
    return 0;
}
