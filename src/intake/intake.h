/*
 * Imports: files from other systems are recognised, previewed, applied in batches, resumed, undone.
 * What a file's columns mean is a mapping (src/intake/mapping.h); the well-known formats are
 * mappings too.
 */
#ifndef SRC_INTAKE_INTAKE_H
#define SRC_INTAKE_INTAKE_H

#include "src/core/ctx.h"
#include "src/core/page.h"
#include "src/partner/partner.h"

/* Stored by name; `import_state_name`. */
enum import_state {
    IMPORT_OPEN,      /* files are being added, mappings corrected */
    IMPORT_QUEUED,    /* to be applied by the server's worker */
    IMPORT_APPLYING,  /* batches are being written; also after a crash, until somebody resumes it */
    IMPORT_APPLIED,   /* all rows are in */
    IMPORT_FAILED,    /* stopped by an error of the system; can be resumed or undone */
    IMPORT_CANCELLED, /* stopped by the user; can be resumed or undone */
    IMPORT_UNDOING,
    IMPORT_UNDONE,
    IMPORT_DISCARDED, /* never applied; its files are gone */
    IMPORT_STATE_COUNT
};
const char *import_state_name(enum import_state state);
MUST_CHECK bool import_state_parse(struct str name, enum import_state *ret_state);
/* The table of moves; pure. */
bool import_state_may_become(enum import_state from, enum import_state to);

/* What the user decides for a whole import; texts as given. */
struct import_choices {
    struct str partners; /* "", "all", "type:VALUE", "COLUMN=VALUE" */
    struct str dates;    /* "", "day_first", "month_first": for ambiguous columns */
    struct str currency; /* of amounts without one; "": the organisation's */
};

/* What happened, or would happen, to the records of one kind. */
struct import_count {
    struct str entity; /* "partner", "contact", "product", or a fact's kind */
    int64_t created, updated, unchanged, unassigned, refused;
};

/*
 * What became of each row; the members add up to the rows read. A row that makes several records
 * counts once, by the first of these that befell one of them: refused, created, updated,
 * unassigned, unchanged; a row that makes none is skipped.
 */
struct import_rows {
    int64_t created, updated, unchanged, skipped, unassigned, refused;
};
int64_t import_rows_total(const struct import_rows *rows);

/* A row that was refused, or a cell in it that was left out. */
struct import_bad_row {
    int64_t id;   /* of a row that is kept */
    int64_t file; /* number of the file within the import, from 1 */
    int64_t row;  /* data rows count from 1 */
    int64_t line; /* of the file */
    struct str column;
    struct str value; /* cut to 200 bytes */
    struct str reason;
    bool refused; /* the row; false: only the cell */
};
struct import_bad_page {
    struct import_bad_row *rows;
    size_t count;
    struct str next;
};

struct import_skip {
    struct str reason; /* "deleted in the source", "not a partner", … */
    int64_t rows;
};

struct import_file {
    int64_t number;   /* in its import, from 1; the smallest that was free */
    int64_t position; /* in the order of work, from 1 */
    struct str name;  /* as the user calls it */
    struct str path;  /* where it is read */
    bool owned;       /* a copy in the data directory, removed once it is no longer needed */
    int64_t size_bytes;
    struct str digest;       /* BLAKE2b-256, hex */
    struct str mapping_name; /* empty: not recognised and nothing could be proposed */
    struct str mapping_json;
    bool proposed;            /* the mapping is a guess that somebody should look at */
    struct str skeleton_json; /* after an examination that found none: a mapping to start from */
    struct str encoding;
    struct str separator;     /* "comma", "semicolon", "tab", "bar" */
    struct str columns_json;  /* ["Id","Name",…] */
    struct str notes_json;    /* ["Dates in CloseDate are read month first: 14 rows say so.",…] */
    struct str analysis_json; /* {"CloseDate":"month_first"}: how ambiguous columns are read */
    int64_t rows;             /* data rows */
    struct import_rows outcome;
    /* Progress: where the next batch starts. */
    int64_t rows_done, row_number, offset_bytes;
    bool done;
};

struct import {
    struct import_id id;
    enum import_state state;
    struct import_choices choices;
    struct str actor;
    struct str first_file; /* the name of one, to tell imports apart; empty: it has none */
    int64_t file_total;
    int64_t created_ms, started_ms, finished_ms;
    int64_t rows, rows_done;    /* over all files */
    int64_t rows_per_second;    /* of the run that goes on, or of the last one */
    struct import_rows outcome; /* over all files */
    int64_t bad_rows;
    int64_t changes;  /* records created, changed or newly kept: 0 says that nothing was new */
    struct str error; /* the sentence of IMPORT_FAILED */
    int64_t version;
    struct import_file *files;
    size_t file_count;
    struct import_count *counts;
    size_t count_count;
    struct import_skip *skips;
    size_t skip_count;
    struct import_bad_row *first_bad; /* a preview's, at most LIMIT_IMPORT_PREVIEW_BAD */
    size_t first_bad_count;
};

/* ---- making one ---- */

/* Copies what `fd` holds into the data directory: sets path and owned. On the disk on return. */
MUST_CHECK enum err import_keep_file(struct ctx *ctx, int fd, struct import_file *file);
/* Removes the copy; nothing for a file that is somebody else's. */
void import_drop_file(struct ctx *ctx, const struct import_file *file);
/*
 * Reads the file on this thread without writing: what it is, how many rows, how its dates and
 * numbers are written. `mapping_json` empty: the built-in and saved mappings are tried, then one is
 * proposed. ERR_INVALID when it cannot be read as a table at all. Needs a read snapshot.
 */
MUST_CHECK enum err import_file_examine(struct ctx *ctx, const struct import_choices *choices,
                                        struct str mapping_json, struct import_file *file);
/* Whether the file's header has the columns by which the mapping is recognised. */
MUST_CHECK enum err import_file_fits(struct ctx *ctx, struct str mapping_json,
                                     const struct import_file *file, bool *ret_fits);
/* The first rows of a file that the import has kept, at most LIMIT_IMPORT_ROWS_SHOWN; long
 * cells are cut. ERR_NOT_FOUND once the file is gone. */
struct import_row {
    int64_t number; /* data rows count from 1 */
    struct str *cells;
    size_t count;
};
MUST_CHECK enum err import_first_rows(struct ctx *ctx, const struct import_file *file,
                                      struct import_row **ret_rows, size_t *ret_count);
/* Orders the files so that what others refer to comes first. */
void import_order_files(struct ctx *ctx, struct import *import);
/* ERR_INVALID for a partner rule or date order that is none. */
MUST_CHECK enum err import_choices_check(struct ctx *ctx, const struct import_choices *choices);

/*
 * Runs the whole import without writing, on a read snapshot: fills counts, skips, bad rows. The
 * same code plans every row that later applies it. `watch` may be NULL; false from it stops with
 * ERR_CANCELLED.
 */
typedef bool import_progress(void *self, int64_t rows_done, int64_t rows);
struct import_watch {
    import_progress *progress;
    void *self;
    bool goes_on_later; /* what it stops is not cancelled: a worker of the server takes it up again
                         */
};
MUST_CHECK enum err import_preview(struct ctx *ctx, struct import *import,
                                   const struct import_watch *watch);

/* Inside a write: stores the import (state open) with its examined files, which are numbered as
 * they come unless they are numbered already. */
MUST_CHECK enum err import_create(struct ctx *ctx, struct import *import);
MUST_CHECK enum err import_add_file(struct ctx *ctx, struct import_id id, struct import_file *file);
/* The file and its copy go while the import is open; the numbers of the others stay. */
MUST_CHECK enum err import_remove_file(struct ctx *ctx, struct import_id id, int64_t number);
/* Replaces a file's mapping (examined anew by the caller) or the choices while it is open. */
MUST_CHECK enum err import_replace_file(struct ctx *ctx, struct import_id id, int64_t version,
                                        const struct import_file *file);
MUST_CHECK enum err import_set_choices(struct ctx *ctx, struct import_id id, int64_t version,
                                       const struct import_choices *choices);
/* By the table of moves: queue, cancel, undo, discard. ERR_CONFLICT otherwise. */
MUST_CHECK enum err import_move(struct ctx *ctx, struct import_id id, enum import_state to);

/* ---- reading ---- */

MUST_CHECK enum err import_get(struct ctx *ctx, struct import_id id, struct import *ret_import);
struct import_page {
    struct import *rows;
    size_t count;
    struct str next;
};
/* Newest first, without files and counts. */
MUST_CHECK enum err import_list(struct ctx *ctx, const struct page *page,
                                struct import_page *ret_page);
MUST_CHECK enum err import_bad_rows(struct ctx *ctx, struct import_id id, const struct page *page,
                                    struct import_bad_page *ret_page);

/* ---- running ---- */

/*
 * Not inside a transaction: applies (or resumes) in write jobs of its own, each with its progress,
 * until done, failed or cancelled. One runner at a time holds the import (ERR_BUSY). Applying the
 * same file again changes nothing and counts everything as unchanged.
 */
MUST_CHECK enum err import_apply(struct ctx *ctx, struct import_id id,
                                 const struct import_watch *watch);
/* What an undo did, for its report. */
struct import_undo_report {
    int64_t facts_reversed, archived, set_back;
    int64_t kept; /* fields that somebody changed since, records that cannot go */
};
/* Likewise; reverses facts, archives what was created, sets changed fields back. */
MUST_CHECK enum err import_undo(struct ctx *ctx, struct import_id id,
                                const struct import_watch *watch,
                                struct import_undo_report *ret_report);

/* ---- rows that belong to nobody ---- */

struct unassigned_row {
    int64_t id;
    struct import_id import;
    int64_t file, row;
    struct str entity;
    struct str system, owner; /* the reference that is no partner: "salesforce", "001…" */
    struct str owner_name;
    struct str external_id;
    int64_t at_ms;
    bool has_amount;
    struct money amount;
    struct str note;
};
struct unassigned_page {
    struct unassigned_row *rows;
    size_t count;
    struct str next;
};
/* In the order they were kept; zero members do not restrict. */
struct unassigned_filter {
    struct import_id import;
    struct str owner;
};
MUST_CHECK enum err unassigned_list(struct ctx *ctx, const struct unassigned_filter *filter,
                                    const struct page *page, struct unassigned_page *ret_page);

/* These rows, or (without ids) all rows of an owner. */
struct unassigned_choice {
    const int64_t *ids;
    size_t count;
    struct str system, owner;
};
struct unassigned_report {
    int64_t assigned, left; /* of that owner, still to do */
};
/*
 * Inside a write: the rows become the partner's facts and contacts. With an owner, later imports
 * give its rows to this partner too. At most LIMIT_UNASSIGNED_ASSIGN rows a call.
 */
MUST_CHECK enum err unassigned_assign(struct ctx *ctx, const struct unassigned_choice *choice,
                                      struct partner_id partner,
                                      struct unassigned_report *ret_report);

/* ---- other databases ---- */

/*
 * All else of these imports has been copied into this database: puts their files where its servers
 * look for them. `from_directory` is the data directory of a source whose files lie there, or
 * empty. Outside a transaction; may be repeated after a failure when the rows are copied again.
 */
MUST_CHECK enum err import_carry(struct ctx *ctx, struct str from_directory);

/* ---- the server's worker ---- */

/* One thread that applies queued imports and goes on with unfinished ones; started at once. */
struct intake;
struct intake *intake_new(const struct services *services);
/* Stops after the batch that is being written; NULL is fine. */
void intake_free(struct intake *intake);
/* Something was queued. */
void intake_wake(struct intake *intake);

struct query_table;
struct route_table;
struct command_table;
extern const struct query_table import_queries, import_change_queries, import_piece_queries,
    unassigned_queries;
extern const struct route_table import_routes, import_file_routes, unassigned_routes;
extern const struct command_table import_commands;

#endif
