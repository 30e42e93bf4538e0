/*
 * format: finds the header of a line - timestamp, level, host, component, pid - and hands on the message.
 *
 * A line is cut by the first of its input's named formats that it fits: patterns and field names that are data. For lines
 * of no such format a layout is learned for each input from its first lines by synchronised cursors with a vote (docs/FORMATS.md): it is a
 * short program of recognisers (timestamp, level, tag, bracket, ...) that nearly every line of that input passes. JSON
 * lines and logfmt have readers of their own. Learned profiles travel in the model, so that a line is cut the same way
 * in training and in every scan, also in a file too short to learn from.
 */
#ifndef LOGDETECT_FORMAT_H
#define LOGDETECT_FORMAT_H

#include "logdetect/event.h"

/* ---- time zones ---- */

typedef struct lgd_zone lgd_zone;
/* name: "UTC", "Z", "+hh[:]mm", "-hh[:]mm", a path below /usr/share/zoneinfo such as "Europe/Berlin", or NULL for the
 * system's (/etc/localtime; UTC where that is missing). Errors: usage for an unknown name. Thread-safe once made. */
LGD_MUST_CHECK lgd_status lgd_zone_new(const char *name, lgd_zone **ret_zone, lgd_err *err);
void lgd_zone_free(lgd_zone *zone);
/* Local civil seconds (as if UTC) to UTC seconds. In a fold the earlier, in a gap the later offset is taken. */
int64_t lgd_zone_to_utc(const lgd_zone *zone, int64_t local_s);
int64_t lgd_zone_to_local(const lgd_zone *zone, int64_t utc_s);

/* ---- timestamps ---- */

/* A timestamp as written; fields that are not written are -1. */
typedef struct lgd_timestamp {
    int32_t year;                /* -1: not written */
    int8_t month, day;           /* 1-based; -1 when only a time of day is written */
    int8_t hour, minute, second; /* second may be 60 */
    int32_t nanosecond;
    bool has_zone;
    int32_t zone_s; /* east of UTC, seconds */
    bool is_epoch;
    int64_t epoch_ns; /* when is_epoch */
} lgd_timestamp;

/* Recognises a timestamp at the start of s (forms: docs/FORMATS.md). Returns the bytes taken, 0 if there is none. Pure. */
size_t lgd_timestamp_parse(lgd_sv s, lgd_timestamp *ret);
/* The days of the proleptic Gregorian calendar since 1970-01-01. */
int64_t lgd_days_from_civil(int64_t year, unsigned month, unsigned day);

/* Turns written timestamps of one input, in order, into UTC: carries the year of a year-less log (starting from the
 * input's mtime; a jump back of more than 180 days is a New Year; 29 February goes to the nearest leap year) and the day
 * of a log that writes only times of day. Start with lgd_clock_init for each input. */
typedef struct lgd_clock {
    const lgd_zone *zone;
    int64_t base_ns;    /* mtime of the input, or LGD_NO_TIME */
    int64_t last_ns;    /* of the line before, LGD_NO_TIME at the start */
    int32_t year;       /* of the last year-less line, -1 at the start */
    int64_t cached_day; /* civil day (y*512+m*32+d) and its days since 1970: most lines share it */
    int64_t cached_days;
} lgd_clock;
void lgd_clock_init(lgd_clock *clock, const lgd_zone *zone, int64_t mtime_ns);
int64_t lgd_clock_resolve(lgd_clock *clock, const lgd_timestamp *written); /* LGD_NO_TIME if it is not a real date */

/* ---- levels ---- */

/* A level word, any case, whole ("WARN", "err", "I"). LGD_LEVEL_NONE if it is none. */
lgd_level lgd_level_of(lgd_sv word);

/* ---- named formats: data, not code (data/formats, docs/FORMATS.md) ---- */

typedef struct lgd_formats lgd_formats; /* a table of formats, compiled; thread-safe once it is filled */

/* packed: what lgd_formats_pack wrote, such as the built-in ones; may be empty. Errors: damaged, memory. */
LGD_MUST_CHECK lgd_status lgd_formats_new(lgd_sv packed, lgd_formats **ret_formats, lgd_err *err);
void lgd_formats_free(lgd_formats *f); /* takes NULL */
/* Adds the format of a YAML file; such formats are preferred to built-in ones. Errors: usage, with file and line, for what is
 * no sound format, a pattern that does not compile, or a sample that the format does not cut as the file says; io. */
LGD_MUST_CHECK lgd_status lgd_formats_read(lgd_formats *f, const char *path, lgd_err *err);
/* The same from bytes, which path names in messages. */
LGD_MUST_CHECK lgd_status lgd_formats_parse(lgd_formats *f, const char *path, lgd_sv yaml, lgd_err *err);
/* From now on all lines are of one format: text is its name, or a pattern with named groups. A line of another format is
 * its own message. Errors: usage: `'TEXT': why; nothing was done`. */
LGD_MUST_CHECK lgd_status lgd_formats_force(lgd_formats *f, lgd_sv text, lgd_err *err);
size_t lgd_formats_n(const lgd_formats *f);
lgd_sv lgd_formats_name(const lgd_formats *f, size_t i);
/* Appends the table as bytes. */
LGD_MUST_CHECK lgd_status lgd_formats_pack(const lgd_formats *f, lgd_buf *out, lgd_err *err);

/* ---- profiles: how the lines of one input are laid out ---- */

enum { LGD_PROFILE_MAX_FORMATS = 10 }; /* of one input: eight named ones and two for the rest */

typedef struct lgd_profile lgd_profile; /* immutable once made; thread-safe. Holds copies of the formats it uses */

/* Learns from up to 1000 sample lines (first lines of records, n_lines of them): which formats of the table they have, and a layout for
 * the rest. formats may be NULL. Deterministic. Never fails but for memory: a text without a header gets the empty profile. */
LGD_MUST_CHECK lgd_status lgd_profile_learn(const lgd_formats *formats, const lgd_sv *lines, size_t n_lines,
                                            lgd_profile **ret_profile, lgd_err *err);
/* The profile that takes the whole line as message (--no-header). */
LGD_MUST_CHECK lgd_status lgd_profile_none(lgd_profile **ret_profile, lgd_err *err);
void lgd_profile_free(lgd_profile *p); /* takes NULL */
bool lgd_profile_equal(const lgd_profile *a, const lgd_profile *b);
bool lgd_profile_wraps(const lgd_profile *p); /* some of its formats wrap lines of others */
/* Short name for the summary: the named formats, or such as "json", "logfmt", "time level tag", "plain". Lives as long as p. */
const char *lgd_profile_name(const lgd_profile *p);
/* The formats that lgd_cut.format counts: the named ones, what was learned for lines of none of them, and "other" for lines
 * that do not fit that either. */
size_t lgd_profile_n_formats(const lgd_profile *p);
lgd_sv lgd_profile_format_name(const lgd_profile *p, size_t format);
/* For the model file: bytes without pointers; load takes them as hostile. */
LGD_MUST_CHECK lgd_status lgd_profile_save(const lgd_profile *p, lgd_buf *out, lgd_err *err);
LGD_MUST_CHECK lgd_status lgd_profile_load(lgd_sv bytes, lgd_profile **ret_profile, lgd_err *err);

/* Scratch of one thread. Texts that have to be made (unescaped JSON) go to the arena, which is borrowed. */
typedef struct lgd_cutter lgd_cutter;
LGD_MUST_CHECK lgd_status lgd_cutter_new(lgd_arena *arena, lgd_cutter **ret_cutter, lgd_err *err);
void lgd_cutter_free(lgd_cutter *c); /* takes NULL */

/* What a cut found. `header.start_ns` is not set here: lgd_clock_resolve does it, in file order. */
typedef struct lgd_cut {
    lgd_header header;
    lgd_timestamp written;
    bool has_time;
    bool fits;     /* a header was found where the profile expects it; never where it expects none */
    size_t format; /* see lgd_profile_n_formats */
    lgd_sv
        over_limit; /* name of a format whose pattern ran out of its limits on the line; empty: none. Lives as long as p */
    lgd_sv wrapped; /* of a format that wraps lines: the line inside, with its indentation; else empty */
} lgd_cut;
/* Cuts one line (the first line of a record). Made text goes to the cutter's arena; everything else is a view into line.
 * A JSON line's message is its message field; JSON without one, or not nested sanely (depth <= 64), is taken whole as text.
 * Cost: O(header), and for a named format its pattern. Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_profile_cut(const lgd_profile *p, lgd_sv line, lgd_cutter *cutter, lgd_cut *ret_cut,
                                          lgd_err *err);
/* Share of the lines whose header the profile recognises (0..1); 0 where it expects none. */
LGD_MUST_CHECK lgd_status lgd_profile_fit(const lgd_profile *p, const lgd_sv *lines, size_t n_lines, lgd_cutter *cutter,
                                          double *ret_fit, lgd_err *err);

/* ---- records of several lines ---- */

/* The text of a record that its header is looked for in: its first line; a JSON object on several lines is taken whole. */
lgd_sv lgd_record_line(const lgd_record *record);
/* cut: of lgd_record_line(record). Its message is trimmed, and becomes the one that stands for all lines of the record
 * (docs/FORMATS.md): that of a stack trace says the exceptions and the top frames and nothing that changes from run to run. Made
 * in the arena, at most 2 KiB longer than it was. A record of one line keeps its own. A slow log entry gets its time,
 * too. O(record). Errors: memory. */
LGD_MUST_CHECK lgd_status lgd_record_message(const lgd_record *record, lgd_arena *arena, lgd_cut *cut, lgd_err *err);

#endif
