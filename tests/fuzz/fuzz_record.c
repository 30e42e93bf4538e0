/*
 * Lines of arbitrary bytes through stitching, and the records that come of it through their messages: no line is lost, a
 * message is bounded and the same again, and a line that starts like a record ends every structure.
 */
#include "fuzz.h"

#include "logdetect/format.h"
#include "logdetect/input.h"

static void check_record(lgd_sv text, uint32_t n_lines, lgd_arena *arena) {
    const char *end = memchr(text.p, '\n', text.n);
    const lgd_record r = {
        .text = text, .head_n = (uint32_t)(end ? (size_t)(end - text.p) : text.n), .n_lines = n_lines};
    const lgd_sv line = lgd_record_line(&r), trimmed = lgd_sv_trim(line);
    lgd_cut once = {.header.message = line}, again = once;
    MUST(line.p == text.p && line.n <= text.n && line.n >= r.head_n);
    if (trimmed.n == 0) return;
    MUST(lgd_record_message(&r, arena, &once, NULL) == LGD_OK);
    MUST(lgd_record_message(&r, arena, &again, NULL) == LGD_OK);
    MUST(lgd_sv_eq(once.header.message, again.header.message) && once.header.message.n > 0);
    MUST(once.header.message.n <= trimmed.n + 2048);
    MUST(n_lines > 1 || once.header.message.p == trimmed.p);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
    lgd_sv input = {(const char *)bytes, n_bytes};
    lgd_arena arena = {0};
    lgd_line_state state = lgd_line_state_of(input);
    const char *start = input.p;
    uint32_t n_lines = 0;
    while (input.n > 0) {
        const char *at = input.p;
        const lgd_sv line = fuzz_line(&input);
        lgd_line_state copy = state;
        const bool continues = lgd_line_continues(line, &state) && n_lines > 0;
        MUST(!lgd_line_continues(LGD_SV("2026-03-04 09:14:02 INFO healthy"), &copy));
        if (!continues && n_lines > 0) check_record((lgd_sv){start, (size_t)(at - start) - 1}, n_lines, &arena);
        if (!continues) start = at;
        n_lines = continues ? n_lines + 1 : 1;
    }
    if (n_lines > 0) check_record((lgd_sv){start, (size_t)(input.p - start)}, n_lines, &arena);
    lgd_arena_release(&arena);
    return 0;
}
