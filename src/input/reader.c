/*
 * reader: a list in, blocks out; the inputs one after the other, each to its end, one open at a time.
 *
 * Trouble with an input is written into its list entry and the next one is read; only memory and the spool stop a reader.
 */
#include "frame.h"

struct lgd_reader {
    lgd_input_list *list;
    lgd_input_options options;
    lgd_framer framer;
    lgd_text text; /* of files[file], while open */
    size_t file;
    bool open, first;
};

static void reset(lgd_input_file *file) {
    if (file->state == LGD_INPUT_UNREADABLE) return;
    lgd_free(file->problem);
    file->problem = NULL;
    file->state = LGD_INPUT_WAITING;
    file->lines = file->bytes = file->disk_bytes = 0;
    file->cut_lines = file->cut_bytes = file->invalid_utf8 = 0;
}

lgd_status lgd_reader_open(lgd_input_list *list, const lgd_input_options *options, lgd_reader **ret_reader,
                           lgd_err *err) {
    lgd_reader *r = lgd_calloc(1, sizeof *r);
    if (r == NULL) return lgd_fail_memory(err, sizeof *r);
    r->list = list;
    r->options = *options;
    lgd_status status = lgd_framer_init(&r->framer, options, err);
    if (status != LGD_OK) {
        lgd_reader_close(r);
        return status;
    }
    for (size_t i = 0; i < list->n_files; i++) reset(&list->files[i]);
    *ret_reader = r;
    return LGD_OK;
}

/* Closes the current input, notes how it went, and goes on to the next one. */
static lgd_status finish_input(lgd_reader *r, lgd_err *err) {
    lgd_input_file *file = &r->list->files[r->file++];
    const lgd_err *trouble = &r->text.stream.source.trouble;
    lgd_text_close(&r->text);
    r->open = false;
    if (file->source->end == LGD_NO_END) file->source->end = file->disk_bytes; /* damage may end it early */
    if (trouble->status == LGD_OK) {
        file->state = LGD_INPUT_DONE;
        return LGD_OK;
    }
    if (trouble->status == LGD_E_DAMAGED) return lgd_input_problem(file, LGD_INPUT_DAMAGED, trouble->text, err);
    file->bytes = 0;
    return lgd_input_problem(file, LGD_INPUT_UNREADABLE, trouble->text, err);
}

/* Opens the current input; one that cannot be read is finished at once. */
static lgd_status begin_input(lgd_reader *r, lgd_err *err) {
    lgd_input_file *file = &r->list->files[r->file];
    const lgd_err *trouble = &r->text.stream.source.trouble;
    r->open = r->first = true;
    LGD_TRY(lgd_text_open(&r->text, file, &r->options, err));
    if (trouble->status != LGD_E_IO) LGD_TRY(lgd_framer_begin(&r->framer, &r->text, file, err));
    return trouble->status == LGD_E_IO ? finish_input(r, err) : LGD_OK;
}

lgd_status lgd_reader_next(lgd_reader *r, lgd_block *ret_block, lgd_err *err) {
    while (r->file < r->list->n_files) {
        if (!r->open && r->list->files[r->file].state != LGD_INPUT_WAITING) {
            r->file++;
            continue;
        }
        if (!r->open) {
            LGD_TRY(begin_input(r, err));
            continue;
        }
        LGD_TRY(lgd_framer_next(&r->framer, err));
        if (r->framer.n_records > 0) {
            *ret_block = (lgd_block){r->framer.records, r->framer.n_records, r->file, r->first};
            r->first = false;
            return LGD_OK;
        }
        LGD_TRY(finish_input(r, err));
    }
    *ret_block = (lgd_block){.file = r->list->n_files};
    return LGD_OK;
}

void lgd_reader_close(lgd_reader *r) {
    if (r == NULL) return;
    if (r->open) lgd_text_close(&r->text);
    lgd_framer_release(&r->framer);
    lgd_free(r);
}
