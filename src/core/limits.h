/* Every size that a user can influence, with the reason for its value. */
#ifndef SRC_CORE_LIMITS_H
#define SRC_CORE_LIMITS_H

enum {
    /* Long enough for every registered company name seen; short enough for one line on a screen. */
    LIMIT_NAME_BYTES = 200,
    LIMIT_LINE_BYTES = 400,        /* one line of an address, a title, a reference */
    LIMIT_NOTE_BYTES = 4000,       /* a note is a paragraph, not a document */
    LIMIT_EXTERNAL_ID_BYTES = 120, /* UUIDs, URLs of records; an index key stays small */
    LIMIT_SOURCE_BYTES = 60,
    LIMIT_TAG_BYTES = 60,
    LIMIT_TAGS = 50,         /* on one partner */
    LIMIT_EXTERNAL_IDS = 50, /* of one partner */
    LIMIT_PRODUCTS = 2000,   /* listed with one partner's record */
    LIMIT_CONTACTS = 500,    /* of one partner */
    LIMIT_QUERY_BYTES = 200, /* a search */
    LIMIT_PAGE_DEFAULT = 50,
    LIMIT_PAGE_MAX = 500,                      /* a page is rendered in memory */
    LIMIT_BULK_PARTNERS = 10000,               /* one action on many partners is one transaction */
    LIMIT_SEARCH_WORDS = 8,                    /* each is one more look-up for every candidate */
    LIMIT_WORD_BYTES = 60,                     /* of an index key; longer words are cut */
    LIMIT_EXPORT_PARTNERS = 100000,            /* one export is rendered in memory */
    LIMIT_LIST_METRICS = 5,                    /* each is read of all partners for a page */
    LIMIT_SERIES_POINTS = 5000,                /* 13 years of days */
    LIMIT_WINDOW_DAYS = 36525,                 /* a century */
    LIMIT_BODY_BYTES = 1024 * 1024,            /* a JSON document */
    LIMIT_FACTS_BODY_BYTES = 16 * 1024 * 1024, /* an array of facts; more goes as NDJSON */
    LIMIT_FACT_LINE_BYTES = 16 * 1024,         /* one line of NDJSON */
    LIMIT_FACTS_PIECE_ROWS = 2000,             /* facts of a stream in one transaction */
    LIMIT_ARENA_BYTES = 128 * 1024 * 1024,     /* one request, its document and its answer */
    LIMIT_ANSWER_BYTES = 64 * 1024 * 1024,
    LIMIT_JOB_ARENA_BYTES = 512 * 1024 * 1024, /* a command or a background job */
    LIMIT_IMPORT_FILES = 32,
    LIMIT_IMPORT_FILE_BYTES =
        2000 * 1000 * 1000,   /* more is better split; a 32-bit offset of zlib still holds */
    LIMIT_CSV_COLUMNS = 1000, /* Salesforce exports reach 800 */
    LIMIT_CSV_CELL_BYTES = 128 * 1024, /* Salesforce long text areas */
    LIMIT_CSV_ROW_BYTES = 1024 * 1024,
    LIMIT_IMPORT_PREVIEW_BAD = 1000, /* shown with a preview; the count says how many there are */
    LIMIT_IMPORT_ROWS_SHOWN = 10,    /* of a file, to see what its columns hold */
    LIMIT_IMPORT_BAD_ROWS = 100000,  /* kept with an import: a list nobody reads to its end */
    LIMIT_IMPORT_GROUP_ROWS = 10000, /* lines of one order: they are held together in memory */
    LIMIT_IMPORT_BATCH_ROWS = 2000,  /* rows of a file in one transaction */
    LIMIT_UNASSIGNED_ASSIGN = 5000,  /* rows assigned in one transaction */
    LIMIT_STREAMS = 10000,           /* open at once: half of the connections, some 100 MB */
    LIMIT_STREAMS_ACTOR = 64,        /* of one user or token: more windows than a person opens */
    LIMIT_MISSED_FACTS = 1000,  /* sent again to a stream that comes back; more is loaded anew */
    LIMIT_MISSED_SCAN = 100000, /* facts that are looked at for them */
    LIMIT_MISSED_BYTES = 1024 * 1024,
    LIMIT_STREAM_BYTES = 256 * 1024, /* that wait for a reader before it is dropped */
    LIMIT_SESSION_DAYS = 14,
    LIMIT_IDEMPOTENCY_DAYS = 2 /* how long a repeated Idempotency-Key is recognised */
};

#endif
