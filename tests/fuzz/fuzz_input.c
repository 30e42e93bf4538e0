/*
 * Arbitrary bytes as a file: plain, compressed or UTF-16, as their start says. The first byte sets how it is read. Every
 * line of the file is in a record, lines are numbered without a gap, and a second reading gives the same.
 */
#include "fuzz.h"

#include "logdetect/input.h"

static uint64_t read_all(lgd_input_list *list, const lgd_input_options *o) {
    lgd_reader *reader = NULL;
    lgd_block block;
    uint64_t lines = 0, digest = 0;
    MUST(lgd_reader_open(list, o, &reader, NULL) == LGD_OK);
    for (;;) {
        MUST(lgd_reader_next(reader, &block, NULL) == LGD_OK);
        if (block.n_records == 0) break;
        for (size_t i = 0; i < block.n_records; i++) {
            const lgd_record *r = &block.records[i];
            MUST(r->line == lines + 1 && r->n_lines > 0 && r->head_n <= r->text.n);
            digest = lgd_hash_sv(r->text, digest ^ r->offset);
            lines += r->n_lines;
        }
    }
    lgd_reader_close(reader);
    MUST(lines == list->files[0].lines);
    MUST(list->files[0].state != LGD_INPUT_WAITING);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    lgd_sv input = {(const char *)bytes, n};
    uint8_t how = fuzz_byte(&input);
    lgd_input_options o = {.multiline = how & 1,
                           .text = how & 2,
                           .max_line_bytes = how & 4 ? 32 : 0,
                           .block_bytes = how & 8 ? 64 : 0,
                           .block_records = how & 16 ? 3 : 0,
                           .max_record_lines = how & 32 ? 2 : 0};
    lgd_input_list list = {0};
    char path[32];
    int fd = fuzz_file(input, path);
    MUST(lgd_input_add(&list, path, false, NULL) == LGD_OK && list.n_files == 1);
    uint64_t digest = read_all(&list, &o);
    MUST(read_all(&list, &o) == digest);
    lgd_input_list_release(&list);
    (void)close(fd);
    return 0;
}
