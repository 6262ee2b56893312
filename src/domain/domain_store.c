/* All SQL of domains but that of proofs. */
#include "src/domain/domain_store.h"

#include "lib/base/id.h"
#include "lib/db/db.h"

enum {
    SETTINGS,
    SET_SETTINGS,
    KEPT,
    KEEP,
    SET_ALARMS,
    STATE,
    LIST,
    SUMMARY,
    COUNTS,
    DUE,
    NEW,
    ALL,
    ADD_CHANGE,
    CHANGES,
    CHANGES_AFTER,
    NEWEST_CHANGE,
    MAILS
};

#define STATE_COLUMNS                                                                        \
    "SELECT p.id, p.name, p.name_key, COALESCE(s.domain, p.domain) AS domain, p.manager_id," \
    " COALESCE(u.name, '') AS manager_name, s.verdict, COALESCE(s.name_servers, '') AS"      \
    " name_servers, COALESCE(s.provider, '') AS provider, COALESCE(s.first_reason, '') AS"   \
    " first_reason, s.checked_ms, s.next_ms, s.changed_ms, COALESCE(s.alarms, 0) AS alarms," \
    " s.alarm_ms, COALESCE(s.alarm_sentence, '') AS alarm_sentence,"                         \
    " (SELECT MAX(f.verified_ms) FROM domain_proof f WHERE f.partner_id = p.id"              \
    "  AND f.domain = p.domain AND f.ended_ms IS NULL) AS verified_ms"
#define STATE_FROM                                                    \
    " FROM partner p LEFT JOIN domain_state s ON s.partner_id = p.id" \
    " LEFT JOIN user_account u ON u.id = p.manager_id"
#define WATCHED \
    " p.status = 'active' AND p.archived_ms IS NULL AND p.merged_into IS NULL AND p.domain <> ''"
#define CHANGE_COLUMNS                                                            \
    "SELECT c.id, c.partner_id, p.name, c.domain, c.kinds, c.verdict, c.sentence" \
    " FROM domain_change c JOIN partner p ON p.id = c.partner_id"

static const struct query queries[] = {
    [SETTINGS] = {"domain settings",
                  "SELECT watch, fill, admit, allow_private, every_hours, per_second, port, roots,"
                  " version FROM domain_setting WHERE id = 1",
                  NULL},
    [SET_SETTINGS] = {"domain set settings",
                      "INSERT INTO domain_setting (id, watch, fill, admit, allow_private,"
                      " every_hours, per_second, port, roots, version)"
                      " VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9)"
                      " ON CONFLICT (id) DO UPDATE SET watch = excluded.watch,"
                      " fill = excluded.fill, admit = excluded.admit,"
                      " allow_private = excluded.allow_private,"
                      " every_hours = excluded.every_hours, per_second = excluded.per_second,"
                      " port = excluded.port, roots = excluded.roots, version = excluded.version",
                      NULL},
    [KEPT] = {"domain kept",
              "SELECT domain, verdict, told_verdict, name_servers, provider, first_reason,"
              " checked_ms, next_ms, failures, differs_since_ms, changed_ms, alarms, alarm_ms,"
              " alarm_sentence FROM domain_state WHERE partner_id = $1",
              NULL},
    [KEEP] = {"domain keep",
              "INSERT INTO domain_state (partner_id, domain, verdict, told_verdict, name_servers,"
              " provider, first_reason, finding, checked_ms, next_ms, failures, differs_since_ms,"
              " changed_ms, alarms, alarm_ms, alarm_sentence)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
              " ON CONFLICT (partner_id) DO UPDATE SET domain = excluded.domain,"
              " verdict = excluded.verdict, told_verdict = excluded.told_verdict,"
              " name_servers = excluded.name_servers, provider = excluded.provider,"
              " first_reason = excluded.first_reason, finding = excluded.finding,"
              " checked_ms = excluded.checked_ms, next_ms = excluded.next_ms,"
              " failures = excluded.failures, differs_since_ms = excluded.differs_since_ms,"
              " changed_ms = excluded.changed_ms, alarms = excluded.alarms,"
              " alarm_ms = excluded.alarm_ms, alarm_sentence = excluded.alarm_sentence",
              NULL},
    [SET_ALARMS] = {"domain set alarms",
                    "UPDATE domain_state SET alarms = $2, alarm_ms = $3, alarm_sentence = $4"
                    " WHERE partner_id = $1",
                    NULL},
    [STATE] = {"domain state",
               STATE_COLUMNS ", COALESCE(s.finding, '') AS finding" STATE_FROM " WHERE p.id = $1",
               NULL},
    [LIST] = {"domain list",
              STATE_COLUMNS STATE_FROM " WHERE p.archived_ms IS NULL AND p.merged_into IS NULL"
                                       " AND (p.domain <> '' OR s.partner_id IS NOT NULL)"
                                       " AND (CAST($1 AS TEXT) = '' OR s.verdict = $1)"
                                       " AND (CAST($2 AS BIGINT) = 0 OR s.partner_id IS NULL)"
                                       " AND (CAST($3 AS BIGINT) = 0 OR s.alarms <> 0)"
                                       " AND (CAST($4 AS BIGINT) IS NULL OR p.manager_id = $4)"
                                       " AND (p.name_key, p.id) > (CAST($5 AS TEXT), $6)"
                                       " ORDER BY p.name_key, p.id LIMIT $7",
              NULL},
    [SUMMARY] = {"domain summary",
                 "SELECT s.verdict, COUNT(*) AS n, CAST(SUM(CASE WHEN s.alarms <> 0 THEN 1 ELSE 0"
                 " END) AS BIGINT) AS alarmed FROM domain_state s"
                 " JOIN partner p ON p.id = s.partner_id"
                 " WHERE p.archived_ms IS NULL AND p.merged_into IS NULL"
                 " GROUP BY s.verdict ORDER BY s.verdict LIMIT 100",
                 NULL},
    [COUNTS] = {"domain counts",
                "SELECT (SELECT COUNT(*) FROM partner p WHERE p.archived_ms IS NULL"
                " AND p.merged_into IS NULL AND p.domain <> '' AND NOT EXISTS"
                " (SELECT 1 FROM domain_state s WHERE s.partner_id = p.id)) AS unchecked,"
                " (SELECT COUNT(*) FROM domain_proof f JOIN partner p ON p.id = f.partner_id"
                " WHERE f.verified_ms IS NOT NULL AND f.ended_ms IS NULL AND p.domain = f.domain"
                " AND p.archived_ms IS NULL AND p.merged_into IS NULL) AS verified",
                NULL},
    [DUE] = {"domain due",
             "SELECT p.id FROM domain_state s JOIN partner p ON p.id = s.partner_id"
             " WHERE s.next_ms <= $1 AND" WATCHED " ORDER BY s.next_ms, p.id LIMIT $2",
             NULL},
    [NEW] = {"domain new",
             "SELECT p.id FROM partner p WHERE" WATCHED " AND NOT EXISTS"
             " (SELECT 1 FROM domain_state s WHERE s.partner_id = p.id) ORDER BY p.id LIMIT $1",
             NULL},
    [ALL] = {"domain all",
             "SELECT p.id FROM partner p WHERE p.id > $1 AND p.archived_ms IS NULL"
             " AND p.merged_into IS NULL AND p.domain <> '' ORDER BY p.id LIMIT $2",
             NULL},
    [ADD_CHANGE] = {"domain add change",
                    "INSERT INTO domain_change (id, partner_id, domain, kinds, verdict, sentence)"
                    " VALUES ($1, $2, $3, $4, $5, $6)",
                    NULL},
    [CHANGES] = {"domain changes",
                 CHANGE_COLUMNS " WHERE (CAST($1 AS BIGINT) IS NULL OR c.partner_id = $1)"
                                " AND (CAST($2 AS BIGINT) = 0 OR c.id < $2)"
                                " ORDER BY c.id DESC LIMIT $3",
                 NULL},
    [CHANGES_AFTER] = {"domain changes after",
                       CHANGE_COLUMNS " WHERE c.id > $1 ORDER BY c.id LIMIT $2", NULL},
    [NEWEST_CHANGE] = {"domain newest change", "SELECT MAX(id) AS id FROM domain_change", NULL},
    [MAILS] = {"domain mails",
               "SELECT email FROM contact WHERE partner_id = $1 AND archived_ms IS NULL"
               " AND email <> '' ORDER BY is_primary DESC, id LIMIT $2",
               NULL},
};
const struct query_table domain_queries = {"domain", queries, ARRAY_LEN(queries)};

static struct str verdict_text(enum domain_verdict verdict)
{
    return str_from_c(domain_verdict_names[verdict]);
}

static enum domain_verdict verdict_of(struct str name)
{
    enum domain_verdict verdict;
    return domain_verdict_parse(name, &verdict) ? verdict : DOMAIN_HEALTHY;
}

/* ---- settings ---- */

enum err domain_store_settings(struct ctx *ctx, struct domain_setting_row *ret_row, bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[SETTINGS], DB_NO_ARGS);
    *ret_found = db_rows_next(rows);
    if (*ret_found) {
        ret_row->settings = (struct domain_settings){
            .watch = db_rows_int(rows, "watch"),
            .fill = db_rows_int(rows, "fill"),
            .admit = db_rows_int(rows, "admit"),
            .allow_private = db_rows_int(rows, "allow_private"),
            .every_hours = db_rows_int(rows, "every_hours"),
            .per_second = db_rows_int(rows, "per_second"),
            .port = db_rows_int(rows, "port"),
            .version = db_rows_int(rows, "version"),
        };
        ret_row->roots = db_rows_copy(rows, "roots", ctx->arena);
    }
    return db_rows_close(rows);
}

enum err domain_store_set_settings(struct ctx *ctx, const struct domain_setting_row *row)
{
    const struct domain_settings *settings = &row->settings;
    return db_run(ctx->conn, &queries[SET_SETTINGS],
                  DB_ARGS(db_int(settings->watch), db_int(settings->fill), db_int(settings->admit),
                          db_int(settings->allow_private), db_int(settings->every_hours),
                          db_int(settings->per_second), db_int(settings->port), db_text(row->roots),
                          db_int(settings->version)),
                  NULL);
}

/* ---- what is kept of a check ---- */

enum err domain_store_kept(struct ctx *ctx, struct partner_id partner, struct domain_kept *ret_kept,
                           bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[KEPT], DB_ARGS(db_int(partner.v)));
    *ret_found = db_rows_next(rows);
    *ret_kept = (struct domain_kept){.partner = partner};
    if (*ret_found) {
        ret_kept->domain = db_rows_copy(rows, "domain", ctx->arena);
        ret_kept->past = (struct domain_past){
            .is_known = true,
            .verdict = verdict_of(db_rows_text(rows, "verdict")),
            .told_verdict = verdict_of(db_rows_text(rows, "told_verdict")),
            .name_servers = db_rows_copy(rows, "name_servers", ctx->arena),
            .failures = (int)db_rows_int(rows, "failures"),
            .differs_since_ms = db_rows_int(rows, "differs_since_ms"),
            .alarms = (unsigned)db_rows_int(rows, "alarms"),
        };
        ret_kept->checked_ms = db_rows_int(rows, "checked_ms");
        ret_kept->next_ms = db_rows_int(rows, "next_ms");
        ret_kept->changed_ms = db_rows_int(rows, "changed_ms");
        ret_kept->alarm_ms = db_rows_int(rows, "alarm_ms");
        ret_kept->alarm_sentence = db_rows_copy(rows, "alarm_sentence", ctx->arena);
    }
    return db_rows_close(rows);
}

enum err domain_store_keep(struct ctx *ctx, const struct domain_kept *kept)
{
    const struct domain_past *past = &kept->past;
    return db_run(
        ctx->conn, &queries[KEEP],
        DB_ARGS(db_int(kept->partner.v), db_text(kept->domain),
                db_text(verdict_text(past->verdict)), db_text(verdict_text(past->told_verdict)),
                db_text(past->name_servers), db_text(kept->provider), db_text(kept->first_reason),
                db_text(kept->finding), db_int(kept->checked_ms), db_int(kept->next_ms),
                db_int(past->failures), db_int(past->differs_since_ms), db_int(kept->changed_ms),
                db_int(past->alarms), db_int(kept->alarm_ms), db_text(kept->alarm_sentence)),
        NULL);
}

enum err domain_store_set_alarms(struct ctx *ctx, struct partner_id partner, unsigned alarms,
                                 int64_t alarm_ms, struct str sentence)
{
    return db_run(ctx->conn, &queries[SET_ALARMS],
                  DB_ARGS(db_int(partner.v), db_int(alarms), db_int(alarm_ms), db_text(sentence)),
                  NULL);
}

/* ---- states ---- */

static struct domain_state read_state(struct db_rows *rows, struct arena *arena)
{
    return (struct domain_state){
        .partner = {db_rows_int(rows, "id")},
        .partner_name = db_rows_copy(rows, "name", arena),
        .domain = db_rows_copy(rows, "domain", arena),
        .manager = {db_rows_int(rows, "manager_id")},
        .manager_name = db_rows_copy(rows, "manager_name", arena),
        .is_checked = !db_rows_is_null(rows, "verdict"),
        .verdict = verdict_of(db_rows_text(rows, "verdict")),
        .name_servers = db_rows_copy(rows, "name_servers", arena),
        .provider = db_rows_copy(rows, "provider", arena),
        .first_reason = db_rows_copy(rows, "first_reason", arena),
        .checked_ms = db_rows_int(rows, "checked_ms"),
        .next_ms = db_rows_int(rows, "next_ms"),
        .changed_ms = db_rows_int(rows, "changed_ms"),
        .verified_ms = db_rows_int(rows, "verified_ms"),
        .alarms = (unsigned)db_rows_int(rows, "alarms"),
        .alarm_ms = db_rows_int(rows, "alarm_ms"),
        .alarm_sentence = db_rows_copy(rows, "alarm_sentence", arena),
    };
}

enum err domain_store_state(struct ctx *ctx, struct partner_id partner,
                            struct domain_state *ret_state, bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[STATE], DB_ARGS(db_int(partner.v)));
    *ret_found = db_rows_next(rows);
    if (*ret_found) {
        *ret_state = read_state(rows, ctx->arena);
        ret_state->finding_json = db_rows_copy(rows, "finding", ctx->arena);
    }
    return db_rows_close(rows);
}

enum err domain_store_list(struct ctx *ctx, const struct domain_filter *filter,
                           struct domain_place *place, int64_t limit,
                           struct domain_state_page *page)
{
    struct str verdict =
        filter->verdict < 0 ? STR("") : verdict_text((enum domain_verdict)filter->verdict);
    page->rows = ARENA_ARRAY(ctx->arena, struct domain_state, (size_t)limit);
    struct db_rows *rows =
        db_select(ctx->conn, &queries[LIST],
                  DB_ARGS(db_text(verdict), db_int(filter->unchecked), db_int(filter->alarmed),
                          db_int_or_null(filter->manager.v), db_text(place->key), db_int(place->id),
                          db_int(limit)));
    while (db_rows_next(rows)) {
        page->rows[page->count++] = read_state(rows, ctx->arena);
        *place = (struct domain_place){db_rows_copy(rows, "name_key", ctx->arena),
                                       db_rows_int(rows, "id")};
    }
    return db_rows_close(rows);
}

enum err domain_store_summary(struct ctx *ctx, struct domain_summary *ret_summary)
{
    struct domain_summary summary = {.unchecked = 0};
    struct db_rows *rows = db_select(ctx->conn, &queries[SUMMARY], DB_NO_ARGS);
    while (db_rows_next(rows)) {
        summary.verdicts[verdict_of(db_rows_text(rows, "verdict"))] = db_rows_int(rows, "n");
        summary.alarmed += db_rows_int(rows, "alarmed");
    }
    TRY(db_rows_close(rows));
    rows = db_select(ctx->conn, &queries[COUNTS], DB_NO_ARGS);
    if (db_rows_next(rows)) {
        summary.unchecked = db_rows_int(rows, "unchecked");
        summary.verified = db_rows_int(rows, "verified");
    }
    TRY(db_rows_close(rows));
    *ret_summary = summary;
    return OK;
}

/* ---- who is to be checked ---- */

static enum err take_ids(struct db_rows *rows, struct partner_id *ret_ids, size_t *ret_count)
{
    size_t count = 0;
    while (db_rows_next(rows))
        ret_ids[count++].v = db_rows_int(rows, "id");
    *ret_count = count;
    return db_rows_close(rows);
}

enum err domain_store_due(struct ctx *ctx, int64_t now_ms, size_t limit, struct partner_id *ret_ids,
                          size_t *ret_count)
{
    return take_ids(
        db_select(ctx->conn, &queries[DUE], DB_ARGS(db_int(now_ms), db_int((int64_t)limit))),
        ret_ids, ret_count);
}

enum err domain_store_new(struct ctx *ctx, size_t limit, struct partner_id *ret_ids,
                          size_t *ret_count)
{
    return take_ids(db_select(ctx->conn, &queries[NEW], DB_ARGS(db_int((int64_t)limit))), ret_ids,
                    ret_count);
}

enum err domain_store_all(struct ctx *ctx, struct partner_id after, size_t limit,
                          struct partner_id *ret_ids, size_t *ret_count)
{
    return take_ids(
        db_select(ctx->conn, &queries[ALL], DB_ARGS(db_int(after.v), db_int((int64_t)limit))),
        ret_ids, ret_count);
}

/* ---- the history ---- */

enum err domain_store_add_change(struct ctx *ctx, const struct domain_change *change)
{
    return db_run(ctx->conn, &queries[ADD_CHANGE],
                  DB_ARGS(db_int(change->id), db_int(change->partner.v), db_text(change->domain),
                          db_int(change->kinds), db_text(verdict_text(change->verdict)),
                          db_text(change->sentence)),
                  NULL);
}

static enum err take_changes(struct ctx *ctx, struct db_rows *rows, int64_t limit,
                             struct domain_change_page *page)
{
    page->rows = ARENA_ARRAY(ctx->arena, struct domain_change, (size_t)limit);
    while (db_rows_next(rows)) {
        struct domain_change *change = &page->rows[page->count++];
        change->id = db_rows_int(rows, "id");
        change->at_ms = id_time_ms(change->id);
        change->partner.v = db_rows_int(rows, "partner_id");
        change->partner_name = db_rows_copy(rows, "name", ctx->arena);
        change->domain = db_rows_copy(rows, "domain", ctx->arena);
        change->kinds = (unsigned)db_rows_int(rows, "kinds");
        change->verdict = verdict_of(db_rows_text(rows, "verdict"));
        change->sentence = db_rows_copy(rows, "sentence", ctx->arena);
    }
    return db_rows_close(rows);
}

enum err domain_store_changes(struct ctx *ctx, struct partner_id partner, int64_t before_id,
                              int64_t limit, struct domain_change_page *page)
{
    return take_changes(
        ctx,
        db_select(ctx->conn, &queries[CHANGES],
                  DB_ARGS(db_int_or_null(partner.v), db_int(before_id), db_int(limit))),
        limit, page);
}

enum err domain_store_changes_after(struct ctx *ctx, int64_t after_id, int64_t limit,
                                    struct domain_change_page *page)
{
    return take_changes(
        ctx,
        db_select(ctx->conn, &queries[CHANGES_AFTER], DB_ARGS(db_int(after_id), db_int(limit))),
        limit, page);
}

enum err domain_store_newest_change(struct ctx *ctx, int64_t *ret_id)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[NEWEST_CHANGE], DB_NO_ARGS);
    *ret_id = db_rows_next(rows) ? db_rows_int(rows, "id") : 0;
    return db_rows_close(rows);
}

enum err domain_store_mail(struct ctx *ctx, struct partner_id partner, int64_t limit,
                           struct str *ret_mails, size_t *ret_count)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[MAILS], DB_ARGS(db_int(partner.v), db_int(limit)));
    size_t count = 0;
    while (db_rows_next(rows))
        ret_mails[count++] = db_rows_copy(rows, "email", ctx->arena);
    *ret_count = count;
    return db_rows_close(rows);
}
