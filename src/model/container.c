/*
 * container: sections in, one model file out.
 *
 * The stages put their content into buffers; the head and the table are made when all is known, and everything goes to
 * the file in one atomic replacement. The same sections give the same bytes. A mistake of the caller (an id twice) or a
 * failed allocation is remembered and told by lgd_model_write.
 */
#include "layout.h"
#include "replace.h"

#include <errno.h>
#include <sys/stat.h>

typedef struct written_section {
    char id[LGD_MODEL_ID_BYTES];
    uint32_t version;
    lgd_buf bytes;
} written_section;

struct lgd_model_writer {
    written_section sections[LGD_MODEL_MAX_SECTIONS];
    size_t n_sections;
    bool misused;     /* a bad id, the same id twice, too many sections */
    lgd_buf rejected; /* what is put into a section that cannot be; never written */
};

bool lgd_model_id_valid(const char id[LGD_MODEL_ID_BYTES]) {
    size_t n = 0;
    while (n < LGD_MODEL_ID_BYTES && id[n] >= 'a' && id[n] <= 'z') n++;
    for (size_t i = n; i < LGD_MODEL_ID_BYTES; i++)
        if (id[i] != 0) return false;
    return n > 0;
}

lgd_status lgd_model_writer_new(lgd_model_writer **ret_writer, lgd_err *err) {
    lgd_model_writer *w = lgd_calloc(1, sizeof *w);
    if (w == NULL) return lgd_fail_memory(err, sizeof *w);
    *ret_writer = w;
    return LGD_OK;
}

void lgd_model_writer_free(lgd_model_writer *w) {
    if (w == NULL) return;
    for (size_t i = 0; i < w->n_sections; i++) lgd_buf_release(&w->sections[i].bytes);
    lgd_buf_release(&w->rejected);
    lgd_free(w);
}

static bool id_free(const lgd_model_writer *w, const char id[LGD_MODEL_ID_BYTES]) {
    for (size_t i = 0; i < w->n_sections; i++)
        if (memcmp(w->sections[i].id, id, LGD_MODEL_ID_BYTES) == 0) return false;
    return true;
}

lgd_buf *lgd_model_section(lgd_model_writer *w, const char *id, uint32_t version) {
    char padded[LGD_MODEL_ID_BYTES] = {0};
    const size_t n = strlen(id);
    if (n <= sizeof padded) memcpy(padded, id, n);
    if (w->n_sections == LGD_MODEL_MAX_SECTIONS || !lgd_model_id_valid(padded) || !id_free(w, padded)) {
        w->misused = true;
        lgd_buf_clear(&w->rejected);
        return &w->rejected;
    }
    written_section *section = &w->sections[w->n_sections++];
    memcpy(section->id, padded, sizeof padded);
    section->version = version;
    return &section->bytes;
}

/* ---- where it goes ---- */

static bool ends_in_lgd(lgd_sv s) { return s.n > 4 && memcmp(s.p + s.n - 4, ".lgd", 4) == 0; }

lgd_status lgd_model_path(const char *output, lgd_buf *ret_path, lgd_err *err) {
    lgd_sv path = lgd_sv_of(output);
    lgd_buf_clear(ret_path);
    if (path.n == 0) return lgd_fail(err, LGD_E_USAGE, "the name of the model is empty; nothing was done");
    if (!ends_in_lgd(path)) {
        while (path.n > 1 && path.p[path.n - 1] == '/') path.n--;
        lgd_buf_add_sv(ret_path, path);
        if (path.p[path.n - 1] != '/') lgd_buf_add_char(ret_path, '/');
        path = LGD_SV(LGD_MODEL_FILE_NAME);
    }
    lgd_buf_add_sv(ret_path, path);
    lgd_buf_add_char(ret_path, '\0');
    return ret_path->failed ? lgd_fail_memory(err, path.n) : LGD_OK;
}

lgd_status lgd_model_allow_path(const char *file, lgd_buf *ret_path, lgd_err *err) {
    lgd_sv path = lgd_sv_of(file), name = LGD_SV(LGD_MODEL_FILE_NAME);
    size_t folder_n = path.n < name.n ? 0 : path.n - name.n;
    bool in_folder = path.n >= name.n && memcmp(path.p + folder_n, name.p, name.n) == 0 &&
                     (folder_n == 0 || path.p[folder_n - 1] == '/');
    lgd_buf_clear(ret_path);
    lgd_buf_add(ret_path, path.p, in_folder ? folder_n : path.n);
    lgd_buf_add_sv(ret_path, in_folder ? LGD_SV("allow.txt") : LGD_SV(".allow"));
    lgd_buf_add_char(ret_path, '\0');
    return ret_path->failed ? lgd_fail_memory(err, path.n) : LGD_OK;
}

/* Only the last folder is made: a longer path that is not there is a typing mistake more often than a wish. */
static lgd_status make_folder(const char *folder, lgd_err *err) {
    struct stat st;
    if (mkdir(folder, 0700) == 0) return LGD_OK;
    const int number = errno;
    if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode)) return LGD_OK;
    if (number == EEXIST)
        return lgd_fail(err, LGD_E_USAGE, "%s: is not a folder; a model file is called NAME.lgd, nothing was written",
                        folder);
    return lgd_fail(err, LGD_E_IO, "%s: this folder cannot be made; nothing was written: %s", folder,
                    lgd_model_errno(number));
}

static lgd_status check_target(const char *path, lgd_err *err) {
    struct stat st;
    if (stat(path, &st) != 0 || S_ISREG(st.st_mode)) return LGD_OK;
    return lgd_fail(err, LGD_E_USAGE, "%s: is not a regular file; nothing was written", path);
}

/* ---- writing ---- */

static void put_row(lgd_buf *b, const written_section *section, uint64_t offset) {
    lgd_buf_add(b, section->id, sizeof section->id);
    lgd_put_u32(b, section->version);
    lgd_put_u32(b, lgd_crc32c(0, section->bytes.p, section->bytes.n));
    lgd_put_u64(b, offset);
    lgd_put_u64(b, section->bytes.n);
}

static void put_head(lgd_buf *head, const lgd_model_writer *w) {
    lgd_buf table = {0};
    uint64_t offset = LGD_MODEL_HEAD_BYTES + LGD_MODEL_ROW_BYTES * w->n_sections;
    for (size_t i = 0; i < w->n_sections; i++) {
        put_row(&table, &w->sections[i], offset);
        offset += w->sections[i].bytes.n;
    }
    lgd_buf_add_sv(head, LGD_SV(LGD_MODEL_MAGIC));
    lgd_put_u32(head, LGD_MODEL_FORMAT_VERSION);
    lgd_put_u32(head, LGD_MODEL_MARK);
    lgd_put_u32(head, (uint32_t)w->n_sections);
    lgd_put_u32(head, lgd_crc32c(lgd_crc32c(0, head->p, head->n), table.p, table.n));
    lgd_buf_add_sv(head, lgd_buf_sv(&table));
    head->failed |= table.failed;
    lgd_buf_release(&table);
}

static lgd_status check_writer(const lgd_model_writer *w, lgd_err *err) {
    if (w->misused || w->rejected.failed)
        return lgd_fail(err, LGD_E_USAGE, "a section of the model has a wrong id; nothing was written");
    for (size_t i = 0; i < w->n_sections; i++)
        if (w->sections[i].bytes.failed) return lgd_fail_memory(err, w->sections[i].bytes.n);
    return LGD_OK;
}

static lgd_status write_to(const lgd_model_writer *w, const char *path, lgd_err *err) {
    lgd_buf head = {0};
    put_head(&head, w);
    lgd_sv parts[1 + LGD_MODEL_MAX_SECTIONS];
    parts[0] = lgd_buf_sv(&head);
    for (size_t i = 0; i < w->n_sections; i++) parts[1 + i] = lgd_buf_sv(&w->sections[i].bytes);
    lgd_status status = head.failed
                            ? lgd_fail_memory(err, LGD_MODEL_HEAD_BYTES)
                            : lgd_replace(path, parts, 1 + w->n_sections, (lgd_replace_options){.lock = true}, err);
    lgd_buf_release(&head);
    return status;
}

lgd_status lgd_model_write(lgd_model_writer *w, const char *output, lgd_err *err) {
    lgd_buf path = {0};
    lgd_status status = check_writer(w, err);
    if (status == LGD_OK) status = lgd_model_path(output, &path, err);
    if (status == LGD_OK && !ends_in_lgd(lgd_sv_of(output))) status = make_folder(output, err);
    if (status == LGD_OK) status = check_target(path.p, err);
    if (status == LGD_OK) status = write_to(w, path.p, err);
    lgd_buf_release(&path);
    return status;
}
