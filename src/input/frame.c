/*
 * frame: text in, blocks of records out. The inner loop of reading: one memchr over the bytes, one look for invalid
 * UTF-8, no copy.
 *
 * Text is read into the block's buffer, and records are views into it where it lies. A line is moved only when something
 * before it in the same block or record was left out (the surplus of a long line, a carriage return inside a record), so
 * that positions depend on the bytes alone and so do the cuts between blocks:
 *
 *     buf: | records of this block | gap, mostly empty | text not framed yet | room for one read |
 *          0                       used                scan                  fill               capacity
 *
 * A block ends before the line that would make it longer than block_bytes or block_records. A record that still takes
 * lines then goes along to the next block, so that no trace is split, unless it fills a block by itself. The text of a
 * block lives until the next one is asked for, when what is left moves to the front of the buffer.
 *
 * Invariants: used <= scan <= searched <= fill <= capacity; an unfinished line holds at most max_line + 2 bytes of the buffer,
 * however long it is, so room for a whole read can always be made.
 */
#include "frame.h"

#define READ_BYTES    ((size_t)256 << 10)
#define SAMPLE_BYTES  ((size_t)64 << 10) /* of a file's start that the votes on its layout see */
#define BINARY_BYTES  ((size_t)8 << 10)  /* ... and the look for binary data */
#define LIMIT_BYTES   ((size_t)1 << 30)
#define LIMIT_RECORDS ((size_t)1 << 24)

static size_t pick(size_t wanted, size_t standard, size_t limit) {
    size_t value = wanted != 0 ? wanted : standard;
    return value < limit ? value : limit;
}

lgd_status lgd_framer_init(lgd_framer *f, const lgd_input_options *options, lgd_err *err) {
    *f = (lgd_framer){.multiline = options->multiline, .text = options->text};
    f->max_line = pick(options->max_line_bytes, (size_t)1 << 20, LIMIT_BYTES);
    f->block_bytes = pick(options->block_bytes, (size_t)1 << 20, LIMIT_BYTES);
    f->block_records = pick(options->block_records, 16384, LIMIT_RECORDS);
    f->max_record_lines = options->max_record_lines != 0 ? options->max_record_lines : 1000;
    const size_t longest = f->block_bytes > f->max_line ? f->block_bytes : f->max_line;
    f->capacity = (longest + 2) + (f->max_line + 2) + READ_BYTES;
    f->buf = lgd_alloc(f->capacity);
    return f->buf != NULL ? LGD_OK : lgd_fail_memory(err, f->capacity);
}

void lgd_framer_release(lgd_framer *f) {
    lgd_free(f->buf);
    lgd_free(f->records);
    f->buf = NULL;
    f->records = NULL;
}

/* ---- filling the buffer ---- */

static lgd_status refill(lgd_framer *f, lgd_err *err) {
    if (f->capacity - f->fill < READ_BYTES && f->used < f->scan) {
        const size_t gap = f->scan - f->used;
        memmove(f->buf + f->used, f->buf + f->scan, f->fill - f->scan);
        f->scan -= gap;
        f->searched -= gap;
        f->fill -= gap;
    }
    size_t room = f->capacity - f->fill, got = 0;
    LGD_TRY(lgd_text_read(f->source, f->buf + f->fill, room < READ_BYTES ? room : READ_BYTES, &got, err));
    f->fill += got;
    f->file->bytes += got;
    f->end = got == 0;
    return LGD_OK;
}

static bool looks_binary(lgd_sv s) {
    if (s.n > BINARY_BYTES) s.n = BINARY_BYTES;
    if (lgd_codec_of(s) != NULL) return true; /* compressed twice */
    size_t nuls = 0, controls = 0;
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        nuls += c == 0;
        controls += c == 0x7F || (c < ' ' && !(c >= '\b' && c <= '\r') && c != 0x1B);
    }
    return nuls * 20 > s.n || controls * 10 > s.n * 3;
}

lgd_status lgd_framer_begin(lgd_framer *f, lgd_text *source, lgd_input_file *file, lgd_err *err) {
    f->source = source;
    f->file = file;
    f->n_records = f->used = f->scan = f->fill = f->searched = f->carry = 0;
    f->dropped = 0;
    f->offset = file->bytes = source->bom_bytes;
    f->end = f->have_line = false;
    f->open = (lgd_record){0};
    while (!f->end && f->fill < SAMPLE_BYTES) LGD_TRY(refill(f, err));
    const lgd_sv sample = {f->buf, f->fill < SAMPLE_BYTES ? f->fill : SAMPLE_BYTES};
    f->lines = lgd_line_state_of(sample);
    if (!f->text && looks_binary(sample))
        lgd_fail(&source->stream.source.trouble, LGD_E_IO, "looks binary; use --text to read it nevertheless");
    return LGD_OK;
}

/* ---- lines ---- */

/* Keeps of an unfinished line what can still matter: max_line bytes, the next one, and the last one, which may turn out
 * to be a carriage return. */
static void let_go_surplus(lgd_framer *f) {
    const size_t most = f->max_line + 2;
    if (f->fill - f->scan <= most) return;
    f->buf[f->scan + most - 1] = f->buf[f->fill - 1];
    f->dropped += f->fill - f->scan - most;
    f->fill = f->searched = f->scan + most;
}

/* Makes the bytes [scan, end) the current line. A line that ended has '\n' at end. */
static void take_line(lgd_framer *f, size_t end, bool ended) {
    const size_t raw = end - f->scan;
    const size_t cr = ended && raw > 0 && f->buf[end - 1] == '\r';
    const uint64_t whole = raw + f->dropped - cr;
    lgd_line *line = &f->line;
    *line = (lgd_line){.at = f->scan, .n = raw - cr, .offset = f->offset, .flags = ended ? 0 : LGD_RECORD_NO_END};
    line->kept = raw;
    if (whole > f->max_line) {
        line->kept = line->n = lgd_utf8_floor((lgd_sv){f->buf + f->scan, raw}, f->max_line);
        line->flags |= LGD_RECORD_CUT;
        f->file->cut_lines++;
        f->file->cut_bytes += whole - line->n;
    }
    const lgd_sv text = {f->buf + line->at, line->n};
    line->number = ++f->file->lines;
    f->file->invalid_utf8 += !lgd_utf8_valid(text);
    if (f->multiline) line->continues = lgd_line_continues(text, &f->lines);
    f->offset += raw + f->dropped + ended;
    f->scan = f->searched = end + ended;
    f->dropped = 0;
    f->have_line = true;
}

/* Frames the next line; have_line stays false at the end of the input. */
static lgd_status next_line(lgd_framer *f, lgd_err *err) {
    for (;;) {
        const char *end = memchr(f->buf + f->searched, '\n', f->fill - f->searched);
        if (end != NULL) {
            take_line(f, (size_t)(end - f->buf), true);
            return LGD_OK;
        }
        f->searched = f->fill;
        let_go_surplus(f);
        if (f->end) {
            if (f->fill > f->scan) take_line(f, f->fill, false);
            return LGD_OK;
        }
        LGD_TRY(refill(f, err));
    }
}

/* ---- records ---- */

static size_t open_at(const lgd_framer *f) { return (size_t)(f->open.text.p - f->buf); }

static lgd_status close_record(lgd_framer *f, lgd_err *err) {
    if (f->open.n_lines == 0) return LGD_OK;
    LGD_TRY(
        lgd_grow((void **)&f->records, &f->records_capacity, f->n_records + 1, sizeof *f->records, LIMIT_RECORDS, err));
    f->records[f->n_records++] = f->open;
    f->open.n_lines = 0;
    return LGD_OK;
}

/* Moves the current line to `at`, mostly where it is. */
static void put_line(lgd_framer *f, size_t at) {
    if (at != f->line.at) memmove(f->buf + at, f->buf + f->line.at, f->line.n);
    f->used = at + f->line.kept + 1;
    if (f->used > f->scan) f->used = f->scan; /* a last line without an end */
    f->have_line = false;
}

static void append_line(lgd_framer *f, size_t at) {
    put_line(f, at);
    f->buf[at - 1] = '\n';
    f->open.text.n = at + f->line.n - open_at(f);
    f->open.n_lines++;
    f->open.flags |= f->line.flags;
}

static void begin_record(lgd_framer *f) {
    const size_t at = f->used;
    put_line(f, at);
    f->open = (lgd_record){.text = {f->buf + at, f->line.n},
                           .head_n = (uint32_t)f->line.n,
                           .n_lines = 1,
                           .line = f->line.number,
                           .offset = f->line.offset,
                           .flags = f->line.flags};
}

/* Puts the current line into a record; *ret_full when it belongs to the next block, which then starts at f->carry. */
static lgd_status place_line(lgd_framer *f, bool *ret_full, lgd_err *err) {
    const lgd_record *open = &f->open;
    if (f->line.continues && open->n_lines > 0 && open->n_lines < f->max_record_lines) {
        const size_t at = open_at(f) + open->text.n + 1;
        if (at + f->line.n <= f->block_bytes) {
            append_line(f, at);
            return LGD_OK;
        }
        if (open_at(f) > 0) {
            f->carry = open_at(f);
            *ret_full = true;
            return LGD_OK;
        }
    }
    if (f->line.continues && open->n_lines >= f->max_record_lines) /* what never closes cannot eat a log */
        f->lines = (lgd_line_state){.indent = f->lines.indent, .dated = f->lines.dated};
    LGD_TRY(close_record(f, err));
    *ret_full = f->n_records == f->block_records || (f->n_records > 0 && f->used + f->line.n > f->block_bytes);
    if (*ret_full)
        f->carry = f->line.at;
    else
        begin_record(f);
    return LGD_OK;
}

/* Moves what the last block left to the front of the buffer. */
static void start_block(lgd_framer *f) {
    const size_t by = f->carry;
    f->n_records = 0;
    f->carry = 0;
    memmove(f->buf, f->buf + by, f->fill - by);
    f->scan -= by;
    f->fill -= by;
    f->searched -= by;
    f->line.at -= f->have_line ? by : 0;
    f->used = f->open.n_lines > 0 ? f->used - by : 0;
    if (f->open.n_lines > 0) f->open.text.p -= by;
}

lgd_status lgd_framer_next(lgd_framer *f, lgd_err *err) {
    start_block(f);
    for (bool full = false; !full;) {
        if (!f->have_line) LGD_TRY(next_line(f, err));
        if (!f->have_line) {
            f->carry = f->fill;
            return close_record(f, err);
        }
        LGD_TRY(place_line(f, &full, err));
    }
    return LGD_OK;
}
