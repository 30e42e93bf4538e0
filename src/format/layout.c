/*
 * layout: (layout, line) -> header fields and message. The inner loop of every command: one pass over the header, no
 * allocation. The time that gave the line its key is not parsed twice.
 */
#include "layout.h"

#include "chars.h"

bool is_strong(field_kind kind) {
    return kind == FIELD_TIME || kind == FIELD_EPOCH || kind == FIELD_LEVEL || kind == FIELD_LETTER ||
           kind == FIELD_TAG || kind == FIELD_LATE_LEVEL || kind == FIELD_ANY_LEVEL;
}

bool line_key_equal(line_key a, line_key b) { return a.kind == b.kind && a.word == b.word; }

/* RFC 5424, section 6.2.1: severity is the priority modulo 8. */
lgd_level priority_level(uint32_t priority) {
    static const lgd_level levels[8] = {LGD_LEVEL_FATAL, LGD_LEVEL_FATAL, LGD_LEVEL_FATAL, LGD_LEVEL_ERROR,
                                        LGD_LEVEL_WARN,  LGD_LEVEL_INFO,  LGD_LEVEL_INFO,  LGD_LEVEL_DEBUG};
    return levels[priority % 8];
}

line_head line_head_of(lgd_sv line) {
    line_head h = {{line.p, line.n < HEAD_MAX ? line.n : HEAD_MAX}, 0, LGD_LEVEL_NONE};
    if (byte_at(line, 0) == '<') {
        size_t end = digits_end(h.text, 1);
        uint32_t priority = 0;
        for (size_t i = 1; i < end && i < 5; i++) priority = priority * 10 + (uint32_t)(line.p[i] - '0');
        if (end > 1 && byte_at(h.text, end) == '>' && priority < 192) {
            h.start = end + 1;
            h.level = priority_level(priority);
        }
    }
    h.start = gap_end(h.text, h.start);
    return h;
}

/* A digit, also behind a bracket or the marks of a shell history; or a TAI64N label. */
static bool may_be_epoch(lgd_sv head, size_t at) {
    char c = head.p[at];
    if (is_word(c)) return is_digit(c);
    return c == '@' || is_digit(byte_at(head, at + 1)) || (c == '#' && is_digit(byte_at(head, at + 2)));
}

/* INFO[time]: where the bracket is, `at` if it is none. */
static size_t behind_letters(lgd_sv head, size_t at) {
    size_t end = at;
    while (end < head.n && end - at < 9 && is_letter(head.p[end])) end++;
    return end > at && byte_at(head, end) == '[' ? end : at;
}

line_key line_key_of(const line_head *head, time_hit *ret_hit) {
    size_t at = head->start;
    for (uint8_t word = 0; word < KEY_WORDS && at < head->text.n; word++) {
        size_t end = field_recognise(FIELD_TIME, head->text, at, false, &ret_hit->field);
        if (end == 0 && may_be_epoch(head->text, at))
            end = field_recognise(FIELD_EPOCH, head->text, at, false, &ret_hit->field);
        if (end == 0 && word == 0) {
            size_t bracket = behind_letters(head->text, at);
            if (bracket > at) end = field_recognise(FIELD_TIME, head->text, at = bracket, false, &ret_hit->field);
        }
        if (end) {
            ret_hit->at = at;
            ret_hit->end = end;
            return (line_key){ret_hit->field.written.is_epoch ? KEY_EPOCH : KEY_TIME, word};
        }
        at = gap_end(head->text, word_end(head->text, at));
    }
    ret_hit->end = 0;
    return (line_key){KEY_NONE, 0};
}

/* Part by part: gcc zeroes so large a struct as a whole with a slow string instruction. */
void cut_whole(lgd_sv line, lgd_cut *ret) {
    ret->header = (lgd_header){.start_ns = LGD_NO_TIME, .message = line};
    ret->written = (lgd_timestamp){0};
    ret->has_time = ret->fits = false;
}

/* `Class@12` and `file:12` name a place; the name is the class or the file. `thread:address:Class@12` is log4j's. */
static lgd_sv name_in(lgd_sv text) {
    size_t end = text.n;
    while (end > 0 && is_digit(text.p[end - 1])) end--;
    if (end == text.n || end < 2 || (text.p[end - 1] != '@' && text.p[end - 1] != ':')) return text;
    size_t begin = 0;
    if (text.p[end - 1] == '@') {
        for (size_t i = 0; i < end; i++) begin = text.p[i] == ':' ? i + 1 : begin;
    }
    return begin < end - 1 ? slice(text, begin, end - 1) : text;
}

static bool has_letter(lgd_sv text) {
    for (size_t i = 0; i < text.n; i++) {
        if (is_letter(text.p[i])) return true;
    }
    return false;
}

/* `ERROR:` is a level in the place of a name, and so is the last part of `app.ERROR:`. */
static void label_tag(const field *f, lgd_header *h) {
    if (!has_letter(f->text)) { /* no name; nginx's 12#34: is process and thread */
        if (is_digit(f->text.p[0]) && !memchr(f->text.p, '.', f->text.n)) h->pid = f->text;
        return;
    }
    h->component = f->text;
    if (f->pid.n > 0) {
        h->pid = f->pid;
        return;
    }
    if (h->level != LGD_LEVEL_NONE || f->text.n < 3 || f->text.p[f->text.n - 1] > 'Z') return;
    size_t begin = f->text.n;
    while (begin > 0 && f->text.p[begin - 1] != '.') begin--;
    if (f->text.n - begin >= 3) h->level = lgd_level_of(slice(f->text, begin, f->text.n));
    if (h->level != LGD_LEVEL_NONE) h->component = slice(f->text, 0, begin > 0 ? begin - 1 : 0);
}

/* Labels the field of a step that succeeded. */
static void label(const layout *l, size_t i, const field *f, lgd_cut *cut) {
    lgd_header *h = &cut->header;
    switch ((field_kind)l->steps[i].kind) {
    case FIELD_TIME:
    case FIELD_EPOCH:
        if (f->level != LGD_LEVEL_NONE && l->steps[i].kind == FIELD_TIME) h->level = f->level;
        if (cut->has_time) break;
        cut->written = f->written;
        cut->has_time = true;
        break;
    case FIELD_LEVEL:
    case FIELD_ANY_LEVEL:
        if (f->name.n > 0) h->component = f->name;
        h->level = f->level;
        break;
    case FIELD_LATE_LEVEL:
    case FIELD_LETTER: h->level = f->level; break;
    case FIELD_TAG: label_tag(f, h); break;
    case FIELD_NUMBER:
        if (h->pid.n == 0 && (cut->has_time || l->key.kind == KEY_NONE)) h->pid = f->text;
        break;
    case FIELD_PIPE:
    case FIELD_SOURCE:
    case FIELD_BRACKET:
    case FIELD_TO_SEPARATOR:
    case FIELD_PAD:
        if (l->component_step == i && l->component_word == 0) h->component = name_in(f->text);
        break;
    case FIELD_SEPARATOR:
    case FIELD_KINDS: break;
    }
}

/* Skips the words before step i, keeping those that are component or host. Returns where the step's field should be. */
static size_t skip_words(const layout *l, size_t i, lgd_sv head, size_t at, lgd_cut *cut) {
    for (uint8_t word = 1; word <= l->steps[i].skip; word++) {
        size_t end = word_end(head, at);
        lgd_sv text = slice(head, at, end);
        if (l->component_step == i && l->component_word == word) cut->header.component = name_in(text);
        if (l->steps[i].kind == FIELD_TAG && word == 1) cut->header.host = text;
        at = gap_end(head, end);
    }
    return at;
}

bool layout_run(const layout *l, lgd_sv line, const line_head *head, const time_hit *hit, lgd_cut *ret) {
    bool full = true;
    size_t at = head->start, before = at; /* before: where the last field that was taken began */
    cut_whole(line, ret);
    ret->header.level = head->level;
    for (size_t i = 0; i < l->n_steps; i++) {
        field f;
        const field *found = &f;
        size_t start = skip_words(l, i, head->text, at, ret), end;
        field_kind kind = (field_kind)l->steps[i].kind;
        bool wants_time = kind == FIELD_TIME || kind == FIELD_EPOCH;
        if (hit && wants_time && start >= hit->at && start < hit->end) {
            /* Inside of it there is none: the time of day of a date is not a time without a date. */
            bool same = start == hit->at && hit->field.written.is_epoch == (kind == FIELD_EPOCH);
            end = same ? hit->end : 0;
            found = &hit->field;
        } else {
            end = field_recognise(kind, head->text, start, l->steps[i].skip > 0, &f);
        }
        if (end > 0) {
            label(l, i, found, ret);
            before = start;
            start = gap_end(head->text, end);
        } else if (is_strong(kind)) {
            full = false;
        }
        at = start;
    }
    lgd_sv rest = lgd_sv_trim(slice(line, at, line.n));
    if (rest.n == 0) rest = lgd_sv_trim(slice(line, before, line.n)); /* nothing but a header: keep its last field */
    ret->header.message = rest.n > 0 ? rest : line;
    return full;
}
