/*
 * reader: a model file in, its sections out - after every byte was checked.
 *
 * The file is hostile until proven: magic, byte order, version, then the checksum of head and table, then that the
 * sections lie one behind the other to the very end of the file, then the checksum of each. So no byte is outside a
 * check, and any change of one is seen (CRC-32C finds all bursts up to 32 bits). Memory: the file once. What the values in a section mean is for
 * the stage that loads it to doubt.
 */
#include "layout.h"

#include <inttypes.h>
#include <sys/stat.h>

struct lgd_model_reader {
    char *path; /* NUL-terminated */
    char *bytes;
    size_t n;
    uint32_t checksum;
    lgd_section sections[LGD_MODEL_MAX_SECTIONS];
    size_t n_sections;
};

/* ---- the file into memory ---- */

static lgd_status find_file(lgd_model_reader *r, const char *path, lgd_err *err) {
    struct stat st;
    lgd_buf b = {0};
    lgd_buf_add_sv(&b, lgd_sv_of(path));
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        if (path[strlen(path) - 1] != '/') lgd_buf_add_char(&b, '/');
        lgd_buf_add_sv(&b, LGD_SV(LGD_MODEL_FILE_NAME));
    }
    lgd_buf_add_char(&b, '\0');
    r->path = b.p; /* the buffer's memory is ours now */
    return b.failed ? lgd_fail_memory(err, b.n) : LGD_OK;
}

static lgd_status load(lgd_model_reader *r, const char *path, lgd_err *err) {
    LGD_TRY(find_file(r, path, err));
    lgd_buf file = {0};
    LGD_TRY(lgd_file_read(r->path, SIZE_MAX, "no model was read", &file, err));
    r->bytes = file.p; /* the buffer's memory is ours now */
    r->n = file.n;
    return LGD_OK;
}

/* ---- checks ---- */

static lgd_status fail_damaged(const lgd_model_reader *r, const char *what, lgd_err *err) {
    return lgd_fail(err, LGD_E_DAMAGED, "%s: damaged: %s; no model was read", r->path, what);
}

static lgd_status check_head(const lgd_model_reader *r, uint32_t *ret_n_sections, uint32_t *ret_crc, lgd_err *err) {
    if (!lgd_sv_starts((lgd_sv){r->bytes, r->n}, LGD_SV(LGD_MODEL_MAGIC)))
        return lgd_fail(err, LGD_E_DAMAGED, "%s: not a logdetect model; no model was read", r->path);
    if (r->n < LGD_MODEL_HEAD_BYTES) return fail_damaged(r, "it ends inside the head", err);
    lgd_cursor c =
        lgd_cursor_of((lgd_sv){r->bytes + LGD_MODEL_MAGIC_BYTES, LGD_MODEL_HEAD_BYTES - LGD_MODEL_MAGIC_BYTES});
    const uint32_t version = lgd_get_u32(&c), mark = lgd_get_u32(&c);
    *ret_n_sections = lgd_get_u32(&c);
    *ret_crc = lgd_get_u32(&c);
    if (mark == LGD_MODEL_OTHER_MARK)
        return lgd_fail(err, LGD_E_DAMAGED, "%s: made on a machine of the other byte order; train again on this one",
                        r->path);
    if (mark != LGD_MODEL_MARK) return fail_damaged(r, "the head", err);
    if (version > LGD_MODEL_FORMAT_VERSION)
        return lgd_fail(err, LGD_E_DAMAGED,
                        "%s: made by a newer logdetect (format %" PRIu32
                        ", this one reads up to %u); upgrade or retrain",
                        r->path, version, LGD_MODEL_FORMAT_VERSION);
    if (version != LGD_MODEL_FORMAT_VERSION || *ret_n_sections > LGD_MODEL_MAX_SECTIONS)
        return fail_damaged(r, "the head", err);
    return LGD_OK;
}

/* One row of the table. `at`: where the section has to start. */
static lgd_status check_row(lgd_model_reader *r, lgd_cursor *c, uint64_t *at, lgd_err *err) {
    lgd_section *section = &r->sections[r->n_sections];
    memcpy(section->id, c->p, LGD_MODEL_ID_BYTES);
    if (!lgd_model_id_valid(section->id)) return fail_damaged(r, "an impossible name of a section", err);
    if (lgd_model_find(r, section->id) != NULL) return fail_damaged(r, "two sections of the same name", err);
    c->p += LGD_MODEL_ID_BYTES;
    section->version = lgd_get_u32(c);
    const uint32_t crc = lgd_get_u32(c);
    section->offset = lgd_get_u64(c);
    const uint64_t length = lgd_get_u64(c);
    const char *what = NULL;
    if (section->offset != *at || length > r->n - *at) {
        what = "does not fit into the file";
    } else {
        section->bytes = (lgd_sv){r->bytes + *at, (size_t)length};
        if (lgd_crc32c(0, section->bytes.p, section->bytes.n) != crc) what = "checksum";
    }
    if (what != NULL)
        return lgd_fail(err, LGD_E_DAMAGED, "%s: damaged: section %s: %s; no model was read", r->path, section->id,
                        what);
    *at += length;
    r->n_sections++;
    return LGD_OK;
}

static lgd_status check(lgd_model_reader *r, lgd_err *err) {
    uint32_t n_sections = 0, crc = 0;
    LGD_TRY(check_head(r, &n_sections, &crc, err));
    const lgd_sv table = {r->bytes + LGD_MODEL_HEAD_BYTES, n_sections * LGD_MODEL_ROW_BYTES};
    if (table.n > r->n - LGD_MODEL_HEAD_BYTES) return fail_damaged(r, "it ends inside the table of sections", err);
    if (lgd_crc32c(lgd_crc32c(0, r->bytes, LGD_MODEL_CRC_AT), table.p, table.n) != crc)
        return fail_damaged(r, "checksum of the table of sections", err);
    lgd_cursor c = lgd_cursor_of(table);
    uint64_t at = LGD_MODEL_HEAD_BYTES + table.n;
    for (uint32_t i = 0; i < n_sections; i++) LGD_TRY(check_row(r, &c, &at, err));
    if (at != r->n) return fail_damaged(r, "something follows the last section", err);
    r->checksum = lgd_crc32c(0, r->bytes, r->n);
    return LGD_OK;
}

/* ---- the interface ---- */

lgd_status lgd_model_open(const char *path, lgd_model_reader **ret_reader, lgd_err *err) {
    lgd_model_reader *r = lgd_calloc(1, sizeof *r);
    if (r == NULL) return lgd_fail_memory(err, sizeof *r);
    lgd_status status = load(r, path, err);
    if (status == LGD_OK) status = check(r, err);
    if (status == LGD_OK)
        *ret_reader = r;
    else
        lgd_model_close(r);
    return status;
}

size_t lgd_model_n_sections(const lgd_model_reader *r) { return r->n_sections; }
const lgd_section *lgd_model_section_at(const lgd_model_reader *r, size_t i) { return &r->sections[i]; }
const char *lgd_model_reader_path(const lgd_model_reader *r) { return r->path; }
uint64_t lgd_model_size_bytes(const lgd_model_reader *r) { return r->n; }
uint32_t lgd_model_checksum(const lgd_model_reader *r) { return r->checksum; }

const lgd_section *lgd_model_find(const lgd_model_reader *r, const char *id) {
    for (size_t i = 0; i < r->n_sections; i++)
        if (strcmp(r->sections[i].id, id) == 0) return &r->sections[i];
    return NULL;
}

void lgd_model_close(lgd_model_reader *r) {
    if (r == NULL) return;
    lgd_free(r->path);
    lgd_free(r->bytes);
    lgd_free(r);
}
