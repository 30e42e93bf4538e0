/*
 * list: what the user named in, the list of inputs out.
 *
 * A name is standard input, a path, a glob or a folder. Everything named ends in the list: what cannot be read stays in
 * it with its problem, so that the report can say what is missing. A file is known by device and inode; one that is
 * there already under another name is left out. Cost: one stat for each path, expected constant time for the look-up.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MAX_FILES ((size_t)1 << 24)

const char *lgd_errno_words(int number) {
    const char *words = strerrordesc_np(number);
    return words != NULL ? words : "unknown error";
}

static char *copy_string(const char *s) {
    size_t n = strlen(s) + 1;
    char *copy = lgd_alloc(n);
    if (copy != NULL) memcpy(copy, s, n);
    return copy;
}

lgd_status lgd_input_problem(lgd_input_file *file, lgd_input_state state, const char *text, lgd_err *err) {
    char *copy = copy_string(text);
    if (copy == NULL) return lgd_fail_memory(err, strlen(text) + 1);
    lgd_free(file->problem);
    file->problem = copy;
    file->state = state;
    return LGD_OK;
}

static void file_release(lgd_input_file *file) {
    if (file->source != NULL && file->source->spool_fd >= 0) close(file->source->spool_fd);
    lgd_free(file->source);
    lgd_free(file->problem);
    lgd_free(file->path);
}

void lgd_input_list_release(lgd_input_list *list) {
    for (size_t i = 0; i < list->n_files; i++) file_release(&list->files[i]);
    lgd_free(list->files);
    lgd_index_release(&list->identities);
    *list = (lgd_input_list){0};
}

/* Appends an entry that nobody has looked at yet. */
static lgd_status append(lgd_input_list *list, const char *path, lgd_err *err) {
    LGD_TRY(lgd_grow((void **)&list->files, &list->capacity, list->n_files + 1, sizeof *list->files, MAX_FILES, err));
    lgd_input_file file = {.compression = "none", .mtime_ns = LGD_NO_TIME};
    file.path = copy_string(path);
    file.source = lgd_alloc(sizeof *file.source);
    if (file.source != NULL) *file.source = (struct lgd_input_source){.spool_fd = -1, .end = LGD_NO_END};
    if (file.path == NULL || file.source == NULL) {
        file_release(&file);
        return lgd_fail_memory(err, strlen(path) + sizeof *file.source);
    }
    list->files[list->n_files++] = file;
    return LGD_OK;
}

static lgd_status append_unreadable(lgd_input_list *list, const char *path, const char *problem, lgd_err *err) {
    LGD_TRY(append(list, path, err));
    return lgd_input_problem(&list->files[list->n_files - 1], LGD_INPUT_UNREADABLE, problem, err);
}

static lgd_status append_errno(void *ctx, const char *path, int number, lgd_err *err) {
    char problem[128];
    snprintf(problem, sizeof problem, "cannot be opened: %s", lgd_errno_words(number));
    return append_unreadable(ctx, path, problem, err);
}

static bool same_identity(const void *ctx, uint32_t item, const void *key) {
    const lgd_input_list *list = ctx;
    const struct stat *st = key;
    const struct lgd_input_source *source = list->files[item].source;
    return source->dev == st->st_dev && source->ino == st->st_ino;
}

static bool is_terminal(const char *path) {
    int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return false;
    bool terminal = isatty(fd) == 1;
    close(fd);
    return terminal;
}

/* NULL if what st describes can be read to its end, else why not. Sockets are read when they are standard input. */
static const char *kind_problem(const char *path, const struct stat *st, bool standard) {
    const bool is_null = S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
    if (S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode) || is_null) return NULL;
    if (S_ISDIR(st->st_mode)) return "is a folder; use -r to read the files in it";
    if (S_ISSOCK(st->st_mode)) return standard ? NULL : "is a socket; logdetect reads files and pipes";
    if (S_ISCHR(st->st_mode) && (standard ? isatty(STDIN_FILENO) == 1 : is_terminal(path))) return NULL;
    return "is a device; logdetect reads files and pipes";
}

/* Fills the entry that was just appended from its stat. */
static void describe(lgd_input_file *file, const struct stat *st, bool standard) {
    struct lgd_input_source *source = file->source;
    source->dev = st->st_dev;
    source->ino = st->st_ino;
    source->pipe = !S_ISREG(st->st_mode) && st->st_rdev != makedev(1, 3);
    if (!S_ISREG(st->st_mode)) return;
    file->dev = st->st_dev;
    file->ino = st->st_ino;
    file->size_bytes = (uint64_t)st->st_size;
    file->mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    if (standard) source->start = lseek(STDIN_FILENO, 0, SEEK_CUR);
}

static lgd_status add_known(lgd_input_list *list, const char *path, const struct stat *st, bool standard,
                            lgd_err *err) {
    const char *problem = kind_problem(path, st, standard);
    if (problem != NULL) return append_unreadable(list, path, problem, err);
    uint64_t hash = lgd_hash_u64(st->st_ino, st->st_dev);
    if (lgd_index_find(&list->identities, hash, same_identity, list, st) != LGD_INDEX_NONE) return LGD_OK;
    LGD_TRY(append(list, path, err));
    describe(&list->files[list->n_files - 1], st, standard);
    return lgd_index_add(&list->identities, hash, (uint32_t)(list->n_files - 1), err);
}

static lgd_status add_folder(lgd_input_list *list, const char *path, lgd_err *err) {
    lgd_paths found = {0};
    size_t before = list->n_files;
    lgd_status status = lgd_folder_walk(path, &found, append_errno, list, err);
    lgd_paths_sort(&found);
    for (size_t i = 0; status == LGD_OK && i < found.n; i++) {
        struct stat st;
        status = stat(found.p[i], &st) == 0 ? add_known(list, found.p[i], &st, false, err)
                                            : append_errno(list, found.p[i], errno, err);
    }
    if (status == LGD_OK && found.n == 0 && list->n_files == before)
        status = append_unreadable(list, path, "holds no files", err);
    lgd_paths_release(&found);
    return status;
}

static lgd_status add_path(lgd_input_list *list, const char *path, bool recursive, lgd_err *err) {
    struct stat st;
    if (stat(path, &st) != 0) return append_errno(list, path, errno, err);
    if (S_ISDIR(st.st_mode) && recursive) return add_folder(list, path, err);
    return add_known(list, path, &st, false, err);
}

static lgd_status add_glob(lgd_input_list *list, const char *pattern, bool recursive, lgd_err *err) {
    glob_t matches = {0};
    int code = glob(pattern, GLOB_NOSORT, NULL, &matches); /* glob's own order depends on the locale */
    lgd_paths found = {0};
    lgd_status status = code == GLOB_NOSPACE ? lgd_fail_memory(err, 0) : LGD_OK;
    for (size_t i = 0; status == LGD_OK && code == 0 && i < matches.gl_pathc; i++)
        status = lgd_paths_add(&found, matches.gl_pathv[i], "", err);
    globfree(&matches);
    lgd_paths_sort(&found);
    for (size_t i = 0; status == LGD_OK && i < found.n; i++) status = add_path(list, found.p[i], recursive, err);
    if (status == LGD_OK && found.n == 0) status = append_unreadable(list, pattern, "no file matches", err);
    lgd_paths_release(&found);
    return status;
}

lgd_status lgd_input_add(lgd_input_list *list, const char *pattern, bool recursive, lgd_err *err) {
    struct stat st;
    if (strcmp(pattern, "-") == 0) {
        if (fstat(STDIN_FILENO, &st) != 0) return append_errno(list, pattern, errno, err);
        return add_known(list, pattern, &st, true, err);
    }
    /* A file whose name only looks like a glob is that file. */
    if (strpbrk(pattern, "*?[") != NULL && lstat(pattern, &st) != 0) return add_glob(list, pattern, recursive, err);
    return add_path(list, pattern, recursive, err);
}
