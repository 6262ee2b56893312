/* What the tests of imports share: a world with a ledger, files, and ways to import them. */
#ifndef SRC_INTAKE_INTAKE_TEST_H
#define SRC_INTAKE_INTAKE_TEST_H

#include "src/intake/intake.h"
#include "src/ledger/ledger.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

/* Partners with the id and name that orders refer to. */
#define SHOPS_MAPPING                                                                        \
    "{\"name\":\"shops\",\"source\":\"till\",\"stage\":10,\"columns\":[\"Key\",\"Shop\"],"   \
    "\"records\":[{\"make\":\"partner\",\"fields\":{\"external\":\"{Key}\",\"name\":"        \
    "\"{Shop}\",\"status\":\"active\",\"phone\":\"{Phone}\",\"city\":\"{City}\",\"parent\":" \
    "\"{Parent}\",\"tag\":\"{Tag}\"}}]}"
#define LINES_MAPPING                                                                          \
    "{\"name\":\"lines\",\"source\":\"till\",\"stage\":50,\"columns\":[\"Order\",\"Key\"],"    \
    "\"group\":\"{Order}\",\"records\":[{\"make\":\"order\",\"fields\":{\"external\":"         \
    "\"{Order}\",\"partner\":\"{Key}\",\"at\":\"{Day}\",\"sum\":\"{Total}\",\"sum_quantity\":" \
    "\"{Units}\"}},{\"make\":\"item\",\"fields\":{\"external\":\"{Order}/{Article}\","         \
    "\"partner\":\"{Key}\",\"at\":\"{Day}\",\"product\":\"{Article}\",\"quantity\":"           \
    "\"{Units}\",\"amount\":\"{Total}\"}}]}"
/* Two shops, and three lines of two orders: 20.00 + 5.50 and 30.00. */
extern const char desk_shops[], desk_lines[];

enum { DESK_FILES = 8 };

struct desk {
    struct world world;
    struct import import; /* the one in hand */
    struct import_file files[DESK_FILES];
    int made; /* files */
};
void desk_open(struct desk *desk);
void desk_close(struct desk *desk);
/* Closes the database, so that another process may have it; `desk_attach` opens it again. */
void desk_detach(struct desk *desk);
void desk_attach(struct desk *desk);
struct ctx *desk_ctx(struct desk *desk);

/* Forgets the import in hand. */
void desk_clear(struct desk *desk);
/* Adds a file to the import in hand: one of the repository, or one with this text. `mapping` may be
 * NULL: it is recognised. A file that cannot be examined ends the test. */
void desk_add(struct desk *desk, const char *path, const char *mapping);
void desk_add_text(struct desk *desk, const char *name, const char *text, const char *mapping);
enum err desk_try_add(struct desk *desk, const char *path, const char *mapping);
/* A new file with this text: its path. */
const char *desk_write(struct desk *desk, const char *name, const char *text);

/* Fills desk->import; a failure ends the test. */
void desk_preview(struct desk *desk);
void desk_create(struct desk *desk);
void desk_reload(struct desk *desk);
/* Creates, applies and reloads. */
void desk_apply(struct desk *desk);
/* Imports desk_shops and desk_lines as files of one import. */
void desk_import_shops(struct desk *desk);
struct import_undo_report desk_undo(struct desk *desk);
/* The counts of a kind of record; zeros when there is none. */
struct import_count desk_count(const struct desk *desk, const char *entity);

/* Σ in the ledger, reversals taken off: facts of a kind, their minor units, their thousandths. */
int64_t desk_facts(struct desk *desk, enum fact_kind kind);
int64_t desk_amount(struct desk *desk, enum fact_kind kind);
int64_t desk_quantity(struct desk *desk, enum fact_kind kind);
/* Partners that are not archived. */
int64_t desk_partners(struct desk *desk);

#endif
