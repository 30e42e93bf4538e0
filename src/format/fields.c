/*
 * fields: named values -> header. Input: the pairs that a JSON or logfmt reader offers; output: a cut.
 *
 * The names are those of zap, logrus, bunyan, pino, winston, log4j's JSON layouts, structlog, ECS, OpenTelemetry, journald,
 * Google Cloud, Docker and MongoDB. More than one may be in a line ("log" and "message"): the order of the table decides.
 * Cost: one comparison of lengths for each row and key. Text is unescaped only where it holds a backslash.
 */
#include "fields.h"

#include "chars.h"

typedef struct name_row {
    lgd_sv name;
    value_role role;
} name_row;
#define NAME(literal)                                                                                                  \
    { (literal), sizeof(literal) - 1 }

static const name_row rows[] = {
    {NAME("message"), VALUE_MESSAGE},
    {NAME("msg"), VALUE_MESSAGE},
    {NAME("@message"), VALUE_MESSAGE},
    {NAME("MESSAGE"), VALUE_MESSAGE},
    {NAME("Message"), VALUE_MESSAGE},
    {NAME("@m"), VALUE_MESSAGE},
    {NAME("@mt"), VALUE_MESSAGE},
    {NAME("short_message"), VALUE_MESSAGE},
    {NAME("log.message"), VALUE_MESSAGE},
    {NAME("log"), VALUE_MESSAGE},
    {NAME("text"), VALUE_MESSAGE},
    {NAME("textPayload"), VALUE_MESSAGE},
    {NAME("body"), VALUE_MESSAGE},
    {NAME("event"), VALUE_MESSAGE},
    {NAME("event.original"), VALUE_MESSAGE},
    {NAME("@timestamp"), VALUE_TIME},
    {NAME("timestamp"), VALUE_TIME},
    {NAME("time"), VALUE_TIME},
    {NAME("ts"), VALUE_TIME},
    {NAME("__REALTIME_TIMESTAMP"), VALUE_TIME},
    {NAME("_SOURCE_REALTIME_TIMESTAMP"), VALUE_TIME},
    {NAME("time_iso8601"), VALUE_TIME},
    {NAME("asctime"), VALUE_TIME},
    {NAME("datetime"), VALUE_TIME},
    {NAME("date"), VALUE_TIME},
    {NAME("Timestamp"), VALUE_TIME},
    {NAME("@t"), VALUE_TIME},
    {NAME("t"), VALUE_TIME},
    {NAME("eventTime"), VALUE_TIME},
    {NAME("created_at"), VALUE_TIME},
    {NAME("level"), VALUE_LEVEL},
    {NAME("severity"), VALUE_LEVEL},
    {NAME("lvl"), VALUE_LEVEL},
    {NAME("loglevel"), VALUE_LEVEL},
    {NAME("log.level"), VALUE_LEVEL},
    {NAME("levelname"), VALUE_LEVEL},
    {NAME("log_level"), VALUE_LEVEL},
    {NAME("@level"), VALUE_LEVEL},
    {NAME("@l"), VALUE_LEVEL},
    {NAME("Level"), VALUE_LEVEL},
    {NAME("severityText"), VALUE_LEVEL},
    {NAME("PRIORITY"), VALUE_LEVEL},
    {NAME("syslog.severity"), VALUE_LEVEL},
    {NAME("s"), VALUE_LEVEL},
    {NAME("logger"), VALUE_COMPONENT},
    {NAME("log.logger"), VALUE_COMPONENT},
    {NAME("logger_name"), VALUE_COMPONENT},
    {NAME("loggerName"), VALUE_COMPONENT},
    {NAME("component"), VALUE_COMPONENT},
    {NAME("SYSLOG_IDENTIFIER"), VALUE_COMPONENT},
    {NAME("_SYSTEMD_UNIT"), VALUE_COMPONENT},
    {NAME("service"), VALUE_COMPONENT},
    {NAME("service.name"), VALUE_COMPONENT},
    {NAME("service_name"), VALUE_COMPONENT},
    {NAME("unit"), VALUE_COMPONENT},
    {NAME("target"), VALUE_COMPONENT},
    {NAME("module"), VALUE_COMPONENT},
    {NAME("app"), VALUE_COMPONENT},
    {NAME("name"), VALUE_COMPONENT},
    {NAME("_COMM"), VALUE_COMPONENT},
    {NAME("c"), VALUE_COMPONENT},
    {NAME("pid"), VALUE_PID},
    {NAME("_PID"), VALUE_PID},
    {NAME("process.pid"), VALUE_PID},
    {NAME("SYSLOG_PID"), VALUE_PID},
    {NAME("process"), VALUE_PID},
    {NAME("thread"), VALUE_PID},
    {NAME("thread_name"), VALUE_PID},
    {NAME("threadName"), VALUE_PID},
    {NAME("ctx"), VALUE_PID},
    {NAME("hostname"), VALUE_HOST},
    {NAME("host"), VALUE_HOST},
    {NAME("_HOSTNAME"), VALUE_HOST},
    {NAME("host.name"), VALUE_HOST},
    {NAME("@source_host"), VALUE_HOST},
};
/* A format's own names come first, then the rows, then names in nested objects. */
enum { N_ROWS = sizeof rows / sizeof rows[0], OWN_RANK = 0, ROW_RANK = 1, NESTED_RANK = 100 };
_Static_assert(ROW_RANK + N_ROWS < NESTED_RANK, "a name in a nested object ranks behind all names at the top");

/* Asked for each key and row: most pairs differ in length, and no call is made for them. */
static bool is_same(lgd_sv a, lgd_sv b) { return a.n == b.n && memcmp(a.p, b.p, a.n) == 0; }

static bool is_dotted(lgd_sv parent, lgd_sv key, lgd_sv name) {
    return name.n == parent.n + 1 + key.n && name.p[parent.n] == '.' && memcmp(name.p, parent.p, parent.n) == 0 &&
           memcmp(name.p + parent.n + 1, key.p, key.n) == 0;
}

static void put(line_values *v, name_row row, size_t rank, lgd_sv text, bool escaped) {
    value *slot = &v->value[row.role];
    if (text.n == 0 || (slot->found && slot->rank <= rank)) return;
    bool syslog = lgd_sv_eq(row.name, LGD_SV("PRIORITY")) || lgd_sv_eq(row.name, LGD_SV("syslog.severity"));
    *slot = (value){.text = text, .rank = (uint8_t)rank, .found = true, .escaped = escaped, .syslog_number = syslog};
}

/* Whether name is key, or parent.key. */
static bool is_named(lgd_sv parent, lgd_sv key, lgd_sv name) {
    return parent.n == 0 ? is_same(name, key) : is_dotted(parent, key, name);
}

void values_see(line_values *v, lgd_sv parent, lgd_sv key) {
    for (size_t i = 0; v->names && i < v->names->n_required; i++)
        if (is_named(parent, key, v->names->required[i])) v->required |= 1u << i;
}

bool values_are_complete(const line_values *v) {
    return !v->names || v->required == (uint32_t)((UINT64_C(1) << v->names->n_required) - 1);
}

static bool is_parent(lgd_sv key, lgd_sv name) {
    return name.n > key.n && name.p[key.n] == '.' && memcmp(name.p, key.p, key.n) == 0;
}

bool values_is_container(const line_values *v, lgd_sv key) {
    for (size_t i = 0; v->names && i < v->names->n_required; i++)
        if (is_parent(key, v->names->required[i])) return true;
    for (size_t i = 0; v->names && i < VALUE_ROLES; i++)
        if (is_parent(key, v->names->fields[i])) return true;
    static const char *const names[] = {"fields",  "@fields",   "log",     "jsonPayload", "data",  "record",
                                        "_source", "service",   "process", "host",        "event", "syslog",
                                        "t",       "timestamp", "time",    "@timestamp"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (lgd_sv_eq(key, lgd_sv_of(names[i]))) return true;
    }
    return false;
}

/* Objects whose members mean what they would mean at the top. In others ("service", "host") only dotted names count. */
static bool is_envelope(lgd_sv key) {
    static const char *const names[] = {"fields", "@fields", "log", "jsonPayload", "data", "record", "_source"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (lgd_sv_eq(key, lgd_sv_of(names[i]))) return true;
    }
    return false;
}

void values_offer(line_values *v, lgd_sv parent, lgd_sv key, lgd_sv text, bool escaped) {
    v->n_pairs++;
    for (size_t i = 0; v->names && i < VALUE_ROLES; i++)
        if (v->names->fields[i].n > 0 && is_named(parent, key, v->names->fields[i]))
            put(v, (name_row){v->names->fields[i], (value_role)i}, OWN_RANK, text, escaped);
    /* MongoDB's extended JSON: {"t":{"$date":"..."}} is t. */
    bool is_date = is_same(key, LGD_SV("$date"));
    for (size_t i = 0; i < N_ROWS; i++) {
        lgd_sv name = rows[i].name;
        if (parent.n == 0) {
            if (is_same(name, key)) put(v, rows[i], ROW_RANK + i, text, escaped);
        } else if (is_dotted(parent, key, name) || (is_date && rows[i].role == VALUE_TIME && is_same(name, parent))) {
            put(v, rows[i], ROW_RANK + i, text, escaped);
        } else if (is_same(name, key) && is_envelope(parent)) {
            put(v, rows[i], NESTED_RANK + i, text, escaped);
        }
    }
}

/* ---- values to header ---- */

static bool hex4(const char *p, uint32_t *ret) {
    uint32_t x = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = to_lower(p[i]);
        if (!is_digit(c) && !(c >= 'a' && c <= 'f')) return false;
        x = x * 16 + (uint32_t)(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    *ret = x;
    return true;
}

static char *put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 63));
        *out++ = (char)(0x80 | (c & 63));
    } else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 63));
        *out++ = (char)(0x80 | (c >> 6 & 63));
        *out++ = (char)(0x80 | (c & 63));
    }
    return out;
}

/* \uXXXX at s[i], with its low surrogate if it has one. Returns the bytes taken, 0 if it is malformed. */
static size_t unicode_escape(lgd_sv s, size_t i, char **out) {
    uint32_t high, low;
    if (i + 6 > s.n || !hex4(s.p + i + 2, &high)) return 0;
    bool is_high = high >= 0xd800 && high < 0xdc00;
    if (is_high && i + 12 <= s.n && s.p[i + 6] == '\\' && s.p[i + 7] == 'u' && hex4(s.p + i + 8, &low) &&
        low >= 0xdc00 && low < 0xe000) {
        *out = put_utf8(*out, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
        return 12;
    }
    *out = put_utf8(*out, high >= 0xd800 && high < 0xe000 ? 0xfffd : high);
    return 6;
}

/* Every escape is at least as long as what it stands for, so s.n bytes are enough. */
static bool unescape(lgd_sv s, lgd_arena *arena, lgd_sv *ret) {
    char *begin = lgd_arena_alloc(arena, s.n), *out = begin;
    if (!begin) return false;
    for (size_t i = 0; i < s.n;) {
        char c = s.p[i], next = byte_at(s, i + 1);
        if (c != '\\' || i + 1 >= s.n) {
            *out++ = c;
            i++;
            continue;
        }
        size_t taken = 2;
        switch (next) {
        case 'n': *out++ = '\n'; break;
        case 't': *out++ = '\t'; break;
        case 'r': *out++ = '\r'; break;
        case 'b': *out++ = '\b'; break;
        case 'f': *out++ = '\f'; break;
        case '"':
        case '\\':
        case '/': *out++ = next; break;
        case 'u':
            taken = unicode_escape(s, i, &out);
            if (taken > 0) break;
            taken = 1;
            *out++ = '\\';
            break;
        default: /* not an escape of JSON: kept as it is */ taken = 1; *out++ = '\\';
        }
        i += taken;
    }
    *ret = (lgd_sv){begin, (size_t)(out - begin)};
    return true;
}

/* pino and bunyan count in tens (10 trace .. 60 fatal), syslog from 0 (emergency) to 7 (debug). */
static lgd_level numeric_level(uint64_t number, bool syslog) {
    static const lgd_level tens[7] = {LGD_LEVEL_NONE, LGD_LEVEL_TRACE, LGD_LEVEL_DEBUG, LGD_LEVEL_INFO,
                                      LGD_LEVEL_WARN, LGD_LEVEL_ERROR, LGD_LEVEL_FATAL};
    static const lgd_level severities[8] = {LGD_LEVEL_FATAL, LGD_LEVEL_FATAL, LGD_LEVEL_FATAL, LGD_LEVEL_ERROR,
                                            LGD_LEVEL_WARN,  LGD_LEVEL_INFO,  LGD_LEVEL_INFO,  LGD_LEVEL_DEBUG};
    if (syslog) return number < 8 ? severities[number] : LGD_LEVEL_NONE;
    return number < 70 ? tens[number / 10] : LGD_LEVEL_NONE;
}

static lgd_level level_of(lgd_sv text, bool syslog) {
    uint64_t number;
    return lgd_parse_u64(text, &number) ? numeric_level(number, syslog) : lgd_level_of(text);
}

/* A timestamp, or a number with an exponent: zap writes 1.7e+09. */
static bool time_of(lgd_sv text, lgd_timestamp *ret) {
    double seconds;
    if (lgd_timestamp_parse(text, ret) > 0) return true;
    if (!lgd_parse_f64(text, &seconds) || !(seconds > 8e8 && seconds < 2.2e9)) return false;
    int64_t whole = (int64_t)seconds;
    int64_t micros = (int64_t)((seconds - (double)whole) * 1e6); /* what a double of this size still holds */
    *ret = (lgd_timestamp){.year = -1, .month = -1, .day = -1, .hour = -1, .is_epoch = true};
    ret->epoch_ns = whole * 1000000000 + micros * 1000;
    return true;
}

lgd_status values_cut(const line_values *v, lgd_sv line, lgd_arena *arena, lgd_cut *ret, lgd_err *err) {
    lgd_sv text[VALUE_ROLES];
    for (size_t i = 0; i < VALUE_ROLES; i++) {
        text[i] = v->value[i].found ? v->value[i].text : (lgd_sv){0};
        if (v->value[i].escaped && !unescape(text[i], arena, &text[i])) return lgd_fail_memory(err, text[i].n);
    }
    lgd_header *h = &ret->header;
    ret->fits = values_name_header(v);
    h->message = text[VALUE_MESSAGE].n > 0 ? text[VALUE_MESSAGE] : line;
    h->component = text[VALUE_COMPONENT];
    h->pid = text[VALUE_PID];
    h->host = text[VALUE_HOST];
    h->level = level_of(text[VALUE_LEVEL], v->value[VALUE_LEVEL].syslog_number);
    ret->has_time = time_of(text[VALUE_TIME], &ret->written);
    return LGD_OK;
}
