/*
 * Arbitrary bytes as a file of labels, of every kind: it is taken or refused with a reason, and what is taken adds up: each
 * session is found by its name, and the labels of a file are as many behind its start as were read.
 */
#include "fuzz.h"

#include "logdetect/eval.h"

static void check_sessions(const lgd_labels *l) {
    uint64_t n_anomalous = 0;
    for (uint32_t i = 0; i < lgd_labels_n(l); i++) {
        MUST(lgd_labels_session(l, lgd_labels_name(l, i)) == i);
        lgd_truth truth = lgd_labels_truth(l, i);
        MUST(truth == LGD_TRUTH_NORMAL || truth == LGD_TRUTH_ANOMALOUS);
        n_anomalous += truth == LGD_TRUTH_ANOMALOUS;
    }
    MUST(n_anomalous == lgd_labels_n_anomalous(l));
}

static void check_lines(const lgd_labels *l) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < lgd_labels_n_files(l); i++) {
        uint64_t of_file = lgd_labels_n_behind(l, i, 0);
        MUST((lgd_labels_lines(l, i, 1, UINT32_MAX) != LGD_TRUTH_UNKNOWN) == (of_file > 0));
        n += of_file;
    }
    MUST(n == lgd_labels_n(l) && lgd_labels_n_anomalous(l) <= n);
}

static void check_cut(lgd_sv bytes) {
    while (bytes.n) {
        lgd_sv line = fuzz_line(&bytes), left = line;
        lgd_truth truth = lgd_label_cut(&left);
        MUST(left.n <= line.n && left.p + left.n == line.p + line.n);
        MUST((truth == LGD_TRUTH_UNKNOWN) == (left.n == line.n));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char path[32];
    for (unsigned kind = LGD_LABELS_AUTO; kind <= LGD_LABELS_OF_SESSIONS; kind++) {
        int fd = fuzz_file((lgd_sv){(const char *)bytes, n}, path);
        lgd_labels *l = NULL;
        lgd_err err = {0};
        MUST(lgd_labels_new(fuzz_hash_key, &l, NULL) == LGD_OK);
        lgd_status status = lgd_labels_read(l, path, (lgd_label_kind)kind, &err);
        MUST(status == LGD_OK ? !err.text[0] : strncmp(err.text, path, strlen(path)) == 0);
        if (status == LGD_OK && lgd_labels_kind(l) == LGD_LABELS_OF_SESSIONS) check_sessions(l);
        if (status == LGD_OK && lgd_labels_kind(l) == LGD_LABELS_OF_LINES) check_lines(l);
        lgd_labels_free(l);
        (void)close(fd);
    }
    check_cut((lgd_sv){(const char *)bytes, n});
    return 0;
}
