/* The PostgreSQL driver: what its failures mean. */
#include <stdio.h>
#include <string.h>

#include "lib/db/postgres.h"

/* By SQLSTATE, or by its class of two characters; the first that fits (appendix A of the manual).
 */
static const struct {
    const char *state;
    enum err err;
} states[] = {
    {"23505", ERR_CONFLICT},  /* unique_violation */
    {"23503", ERR_CONFLICT},  /* foreign_key_violation */
    {"25006", ERR_READ_ONLY}, /* read_only_sql_transaction: a replica */
    {"53100", ERR_STORAGE_FULL},
    {"53200", ERR_MEMORY},
    {"53", ERR_BUSY},         /* too many connections */
    {"55P03", ERR_BUSY},      /* lock_not_available */
    {"57014", ERR_BUSY},      /* query_canceled: a time-out */
    {"40", ERR_BUSY},         /* deadlock */
    {"57P", ERR_BUSY},        /* it is shutting down or starting */
    {"08", ERR_BUSY},         /* the connection */
    {"25P03", ERR_BUSY},      /* idle_in_transaction_session_timeout */
    {"42501", ERR_FORBIDDEN}, /* insufficient_privilege */
    {"28", ERR_FORBIDDEN},    /* who may sign in */
    {"54", ERR_TOO_LARGE},
    {"58", ERR_IO},
    {"XX001", ERR_CORRUPT},
    {"XX002", ERR_CORRUPT},
};

enum err pg_err(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (!state)
        return ERR_BUSY; /* libpq's own: the connection failed */
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
            return states[i].err;
    return ERR_INTERNAL;
}

/* The first line without what libpq puts around it. */
static struct str first_line(const char *message)
{
    struct str text = str_from_c(message ? message : "");
    size_t end;
    if (str_find(text, STR("\n"), &end))
        text = str_slice(text, 0, end);
    return text;
}

static enum err fail_connection(struct fault *fault, const PGconn *link, const char *where)
{
    struct str message = first_line(PQerrorMessage(link));
    enum err err = fault_set(fault, ERR_BUSY, "database_unreachable",
                             "The database cannot be reached; try again in a moment.");
    fault_add_detail(fault, "%s: %.*s", where, STR_ARG(message));
    return err;
}

enum err pg_fail(struct fault *fault, const PGconn *link, const PGresult *result, const char *where)
{
    if (!result || !PQresultErrorField(result, PG_DIAG_SQLSTATE) || PQstatus(link) != CONNECTION_OK)
        return fail_connection(fault, link, where);
    enum err err = pg_err(result);
    struct str message = str_from_c(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    if (err != ERR_FORBIDDEN)
        return db_fault(fault, err, where, message.ptr);
    err = fault_set(fault, err, "database_rights",
                    "The database does not let its user do this: %.*s.", STR_ARG(message));
    fault_add_detail(fault, "%s", where);
    return err;
}
