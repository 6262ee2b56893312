/*
 * Every table of the product. Append a migration; never change one that was released. Instants are
 * milliseconds UTC
 * (`_ms`), days are counted from 1970-01-01, money is minor units beside a currency, quantities are
 * thousandths (`_milli`).
 */
#include "src/app/schema.h"

static const char organisation_sql[] =
    "CREATE TABLE organisation ("
    " id BIGINT PRIMARY KEY CHECK (id = 1),"
    " name TEXT NOT NULL,"
    " contact_name TEXT NOT NULL DEFAULT '',"
    " contact_phone TEXT NOT NULL DEFAULT '',"
    " contact_email TEXT NOT NULL DEFAULT '',"
    " country TEXT NOT NULL DEFAULT '',"
    " currency TEXT NOT NULL,"
    " time_zone TEXT NOT NULL,"
    " default_manager_id BIGINT NOT NULL,"
    " created_ms BIGINT NOT NULL,"
    " version BIGINT NOT NULL DEFAULT 1);"

    "CREATE TABLE audit ("
    " id BIGINT PRIMARY KEY," /* its instant is in the id */
    " actor TEXT NOT NULL,"
    " user_id BIGINT,"
    " subject_type TEXT NOT NULL,"
    " subject_id BIGINT NOT NULL,"
    " partner_id BIGINT,"
    " action TEXT NOT NULL,"
    " changes TEXT NOT NULL DEFAULT '{}',"
    " request_id TEXT NOT NULL DEFAULT '');"
    "CREATE INDEX audit_partner ON audit (partner_id, id);"
    "CREATE INDEX audit_subject ON audit (subject_type, subject_id, id);"

    "CREATE TABLE idempotency ("
    " actor TEXT NOT NULL,"
    " idempotency_key TEXT NOT NULL,"
    " request_digest BYTEA NOT NULL,"
    " status BIGINT NOT NULL,"
    " version BIGINT NOT NULL DEFAULT 0,"
    " answer TEXT NOT NULL,"
    " created_ms BIGINT NOT NULL,"
    " PRIMARY KEY (actor, idempotency_key));"
    "CREATE INDEX idempotency_created ON idempotency (created_ms);";

static const char account_sql[] =
    "CREATE TABLE user_account ("
    " id BIGINT PRIMARY KEY,"
    " email TEXT NOT NULL UNIQUE," /* lower case */
    " name TEXT NOT NULL,"
    " role TEXT NOT NULL,"
    " partner_id BIGINT,"                      /* role partner: the one it sees */
    " password_hash TEXT NOT NULL DEFAULT ''," /* empty: cannot sign in */
    " disabled_ms BIGINT,"
    " created_ms BIGINT NOT NULL,"
    " version BIGINT NOT NULL DEFAULT 1);"

    "CREATE TABLE session ("
    " digest BYTEA PRIMARY KEY,"
    " user_id BIGINT NOT NULL REFERENCES user_account (id),"
    " created_ms BIGINT NOT NULL,"
    " expires_ms BIGINT NOT NULL);"
    "CREATE INDEX \"session_user\" ON session (user_id);" /* a keyword of PostgreSQL */
    "CREATE INDEX session_expires ON session (expires_ms);"

    "CREATE TABLE api_token ("
    " id BIGINT PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " digest BYTEA NOT NULL UNIQUE,"
    " role TEXT NOT NULL,"
    " scopes BIGINT NOT NULL," /* bits of enum scope */
    " partner_id BIGINT,"
    " created_by TEXT NOT NULL,"
    " created_ms BIGINT NOT NULL,"
    " expires_ms BIGINT,"
    " revoked_ms BIGINT);";

static const char directory_sql[] =
    "CREATE TABLE partner ("
    " id BIGINT PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " name_key TEXT NOT NULL,"    /* folded, for order and search */
    " company_key TEXT NOT NULL," /* without legal form, for duplicates */
    " status TEXT NOT NULL,"
    " address_line1 TEXT NOT NULL DEFAULT '',"
    " address_line2 TEXT NOT NULL DEFAULT '',"
    " city TEXT NOT NULL DEFAULT '',"
    " region TEXT NOT NULL DEFAULT '',"
    " postal_code TEXT NOT NULL DEFAULT '',"
    " country TEXT NOT NULL DEFAULT '',"
    " phone TEXT NOT NULL DEFAULT '',"
    " phone2 TEXT NOT NULL DEFAULT ''," /* a second telephone or fax number */
    " domain TEXT NOT NULL DEFAULT '',"
    " primary_dns TEXT NOT NULL DEFAULT '',"
    " secondary_dns TEXT NOT NULL DEFAULT '',"
    " sla TEXT NOT NULL DEFAULT '',"
    " tier TEXT NOT NULL DEFAULT '',"
    " manager_id BIGINT NOT NULL REFERENCES user_account (id),"
    " parent_id BIGINT REFERENCES partner (id),"
    " currency TEXT NOT NULL,"
    " language TEXT NOT NULL DEFAULT '',"
    " time_zone TEXT NOT NULL,"
    " note TEXT NOT NULL DEFAULT '',"
    " created_ms BIGINT NOT NULL,"
    " updated_ms BIGINT NOT NULL,"
    " active_ms BIGINT," /* when it first became active */
    " archived_ms BIGINT,"
    " merged_into BIGINT REFERENCES partner (id),"
    " version BIGINT NOT NULL DEFAULT 1);"
    "CREATE INDEX partner_name ON partner (name_key, id);"
    "CREATE INDEX partner_company ON partner (company_key);"
    "CREATE INDEX partner_domain ON partner (domain);"
    "CREATE INDEX partner_phone ON partner (phone);"
    "CREATE INDEX partner_manager ON partner (manager_id, name_key, id);"
    "CREATE INDEX partner_parent ON partner (parent_id);"

    "CREATE TABLE partner_status ("
    " partner_id BIGINT NOT NULL REFERENCES partner (id),"
    " at_ms BIGINT NOT NULL,"
    " from_status TEXT NOT NULL," /* empty for the first */
    " to_status TEXT NOT NULL,"
    " PRIMARY KEY (partner_id, at_ms, to_status));"
    "CREATE INDEX partner_status_at ON partner_status (at_ms);"

    "CREATE TABLE partner_external ("
    " system TEXT NOT NULL,"
    " external_id TEXT NOT NULL,"
    " partner_id BIGINT NOT NULL REFERENCES partner (id),"
    " PRIMARY KEY (system, external_id));"
    "CREATE INDEX partner_external_partner ON partner_external (partner_id);"

    "CREATE TABLE partner_tag ("
    " partner_id BIGINT NOT NULL REFERENCES partner (id),"
    " tag TEXT NOT NULL,"
    " PRIMARY KEY (partner_id, tag));"
    "CREATE INDEX partner_tag_tag ON partner_tag (tag, partner_id);"

    "CREATE TABLE contact ("
    " id BIGINT PRIMARY KEY,"
    " partner_id BIGINT NOT NULL REFERENCES partner (id),"
    " name TEXT NOT NULL,"
    " title TEXT NOT NULL DEFAULT '',"
    " email TEXT NOT NULL DEFAULT '',"
    " phone TEXT NOT NULL DEFAULT '',"
    " mobile TEXT NOT NULL DEFAULT '',"
    " is_primary BIGINT NOT NULL DEFAULT 0,"
    " system TEXT NOT NULL DEFAULT '',"
    " external_id TEXT NOT NULL DEFAULT '',"
    " created_ms BIGINT NOT NULL,"
    " updated_ms BIGINT NOT NULL,"
    " archived_ms BIGINT,"
    " erased_ms BIGINT,"
    " version BIGINT NOT NULL DEFAULT 1);"
    "CREATE INDEX contact_partner ON contact (partner_id, id);"
    "CREATE INDEX contact_email ON contact (email);"
    "CREATE UNIQUE INDEX contact_primary ON contact (partner_id)"
    " WHERE is_primary = 1 AND archived_ms IS NULL;"
    "CREATE UNIQUE INDEX contact_external ON contact (system, external_id)"
    " WHERE external_id <> '';"

    "CREATE TABLE product ("
    " id BIGINT PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " name_key TEXT NOT NULL,"
    " code TEXT NOT NULL DEFAULT '',"
    " category TEXT NOT NULL DEFAULT '',"
    " subcategory TEXT NOT NULL DEFAULT '',"
    " cost BIGINT,"
    " cost_currency TEXT NOT NULL DEFAULT '',"
    " created_ms BIGINT NOT NULL,"
    " archived_ms BIGINT,"
    " version BIGINT NOT NULL DEFAULT 1);"
    "CREATE INDEX product_name ON product (name_key, id);"
    "CREATE UNIQUE INDEX product_code ON product (code)"
    " WHERE code <> '' AND archived_ms IS NULL;"
    "CREATE TABLE product_external ("
    " system TEXT NOT NULL,"
    " external_id TEXT NOT NULL,"
    " product_id BIGINT NOT NULL REFERENCES product (id),"
    " PRIMARY KEY (system, external_id));"
    "CREATE INDEX product_external_product ON product_external (product_id);"
    /* What a partner carries: named on its record, or seen in a fact. */
    "CREATE TABLE partner_product ("
    " partner_id BIGINT NOT NULL REFERENCES partner (id),"
    " product_id BIGINT NOT NULL REFERENCES product (id),"
    " PRIMARY KEY (partner_id, product_id));"
    "CREATE INDEX partner_product_product ON partner_product (product_id, partner_id);";

/*
 * The ledger. `fact` is never updated and never deleted; its ids grow in the order of commits and
 * hold the instant of recording; its `day` is that of at_ms in UTC, so that no change of a time
 * zone or merge touches it. fact_partner says in whose totals a merged partner's facts count.
 * ledger_state keeps the organisation's time zone for which the rollups were made. fact_key_run and
 * fact_key find a source and external id (see docs/adr on the ledger's keys). rollup_kind counts
 * all facts ever recorded, reversals too. A sum that left 64 bits would silently become a float in
 * SQLite: the checks refuse it. `keyed` is what makes a table its own index.
 */
#define ROLLUP_SUM(name)                     \
    " " name " BIGINT NOT NULL CHECK (" name \
    " BETWEEN -4611686018427387904 AND 4611686018427387904),"
#define ROLLUP_SUMS              \
    ROLLUP_SUM("facts")          \
    ROLLUP_SUM("quantity_milli") \
    ROLLUP_SUM("amount") ROLLUP_SUM("cost") ROLLUP_SUM("costed") ROLLUP_SUM("time_ms")
/* clang-format off */
#define LEDGER_SQL(keyed, fact_id, fact_end)                                                \
    "CREATE TABLE ledger_state ("                                                           \
    " id BIGINT PRIMARY KEY CHECK (id = 1),"                                                \
    " time_zone TEXT NOT NULL,"                                                             \
    " key_seed BIGINT NOT NULL);"                                                           \
    "CREATE TABLE fact_source (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE);"          \
    "CREATE TABLE fact ("                                                                   \
    " id BIGINT " fact_id ","                                                               \
    " day BIGINT NOT NULL,"                                                                 \
    " partner_id BIGINT NOT NULL,"                                                          \
    " at_ms BIGINT NOT NULL,"                                                               \
    " kind BIGINT NOT NULL,"                                                                \
    " quantity_milli BIGINT NOT NULL,"                                                      \
    " amount BIGINT,"                                                                       \
    " currency TEXT NOT NULL,"                                                              \
    " cost BIGINT,"                                                                         \
    " product_id BIGINT,"                                                                   \
    " contact_id BIGINT,"                                                                   \
    " source_id BIGINT NOT NULL,"                                                           \
    " external_id TEXT NOT NULL,"                                                           \
    " ref TEXT NOT NULL,"                                                                   \
    " note TEXT NOT NULL,"                                                                  \
    " reverses BIGINT,"                                                                     \
    " import_id BIGINT" fact_end ";"                                                        \
    "CREATE INDEX fact_day ON fact (day, partner_id, at_ms, kind);"                         \
    "CREATE INDEX fact_import ON fact (import_id, id) WHERE import_id IS NOT NULL;"         \
    "CREATE TABLE fact_reversal (fact_id BIGINT PRIMARY KEY, reversal_id BIGINT NOT NULL);" \
    "CREATE TABLE fact_partner (member_id BIGINT PRIMARY KEY, partner_id BIGINT NOT NULL);" \
    "CREATE INDEX fact_partner_partner ON fact_partner (partner_id, member_id);"            \
    "CREATE TABLE fact_key_run ("                                                           \
    " run BIGINT PRIMARY KEY,"                                                              \
    " last_fact_id BIGINT NOT NULL,"                                                        \
    " filter BYTEA NOT NULL);"                                                              \
    "CREATE TABLE fact_key (slot BIGINT PRIMARY KEY, entries BYTEA NOT NULL);"              \
    "CREATE TABLE rollup_partner ("                                                         \
    " day BIGINT NOT NULL,"                                                                 \
    " partner_id BIGINT NOT NULL,"                                                          \
    " kind BIGINT NOT NULL,"                                                                \
    " currency TEXT NOT NULL,"                                                              \
    " calendar BIGINT NOT NULL," ROLLUP_SUMS                                                \
    " PRIMARY KEY (day, partner_id, kind, currency, calendar))" keyed ";"                   \
    "CREATE TABLE rollup_product ("                                                         \
    " day BIGINT NOT NULL,"                                                                 \
    " product_id BIGINT NOT NULL,"                                                          \
    " partner_id BIGINT NOT NULL,"                                                          \
    " kind BIGINT NOT NULL,"                                                                \
    " currency TEXT NOT NULL,"                                                              \
    " calendar BIGINT NOT NULL," ROLLUP_SUMS                                                \
    " PRIMARY KEY (day, product_id, partner_id, kind, currency, calendar))" keyed ";"       \
    "CREATE TABLE rollup_channel ("                                                         \
    " day BIGINT NOT NULL,"                                                                 \
    " kind BIGINT NOT NULL,"                                                                \
    " currency TEXT NOT NULL," ROLLUP_SUMS                                                  \
    " PRIMARY KEY (day, kind, currency))" keyed ";"                                         \
    "CREATE TABLE rollup_kind (kind BIGINT PRIMARY KEY, facts BIGINT NOT NULL);"            \
    "CREATE TABLE display_event ("                                                          \
    " partner_id BIGINT NOT NULL,"                                                          \
    " product_id BIGINT NOT NULL,"                                                          \
    " at_ms BIGINT NOT NULL,"                                                               \
    " fact_id BIGINT NOT NULL,"                                                             \
    " is_on BIGINT NOT NULL,"                                                               \
    " PRIMARY KEY (partner_id, product_id, at_ms, fact_id))" keyed ";"
/* clang-format on */
static const char ledger_sql[] = LEDGER_SQL(" WITHOUT ROWID", "PRIMARY KEY", ")");
/*
 * PostgreSQL: a part for each month in which facts were recorded, by the time in their ids (see
 * lib/base/id.h: milliseconds since 2024, 22 bits below them), so that a month that is over is
 * never written again and can be taken away. fact_rest has what no month covers, such as facts that
 * came with a copy. fact_months makes the parts of some months and says how many were new.
 */
static const char ledger_postgres[] = LEDGER_SQL(
    "", "NOT NULL",
    ", PRIMARY KEY (id, partner_id)) PARTITION BY RANGE (id)") "CREATE TABLE fact_rest PARTITION "
                                                               "OF fact DEFAULT;"
                                                               "CREATE FUNCTION fact_months(first "
                                                               "date, months bigint) RETURNS "
                                                               "bigint LANGUAGE plpgsql AS $$"
                                                               " DECLARE made bigint := 0; month "
                                                               "timestamp; name text;"
                                                               " BEGIN FOR i IN 0 .. months - 1 "
                                                               "LOOP"
                                                               "  month := date_trunc('month', "
                                                               "first) + make_interval(months => "
                                                               "i::int);"
                                                               "  name := 'fact_' || "
                                                               "to_char(month, 'YYYY_MM');"
                                                               "  CONTINUE WHEN to_regclass(name) "
                                                               "IS NOT NULL;"
                                                               "  BEGIN"
                                                               "   EXECUTE format('CREATE TABLE %I "
                                                               "PARTITION OF fact FOR VALUES FROM "
                                                               "(%s) TO (%s)', name,"
                                                               "    (extract(epoch FROM "
                                                               "month)::bigint * 1000 - "
                                                               "1704067200000) << 22,"
                                                               "    (extract(epoch FROM month + "
                                                               "interval '1 month')::bigint * 1000 "
                                                               "- 1704067200000) << 22);"
                                                               "   made := made + 1;"
                                                               /* Some of the month's facts are in
                                                                  fact_rest: there they stay. */
                                                               "  EXCEPTION WHEN check_violation "
                                                               "THEN NULL;"
                                                               "  END;"
                                                               " END LOOP; RETURN made; END $$;"
                                                               "SELECT fact_months(date (now() AT "
                                                               "TIME ZONE 'UTC'), 3);";

static const char intake_sql[] =
    "CREATE TABLE import ("
    " id BIGINT PRIMARY KEY,"
    " state TEXT NOT NULL,"
    " partners TEXT NOT NULL DEFAULT '',"
    " dates TEXT NOT NULL DEFAULT '',"
    " currency TEXT NOT NULL DEFAULT '',"
    " actor TEXT NOT NULL,"
    " created_ms BIGINT NOT NULL,"
    " started_ms BIGINT,"
    " finished_ms BIGINT,"
    /* Of the run that goes on, or of the last one: for its speed. */
    " run_started_ms BIGINT,"
    " run_updated_ms BIGINT,"
    " run_rows BIGINT NOT NULL DEFAULT 0,"
    " bad_rows BIGINT NOT NULL DEFAULT 0,"
    " changes BIGINT NOT NULL DEFAULT 0,"
    " error TEXT NOT NULL DEFAULT '',"
    " version BIGINT NOT NULL DEFAULT 1);"
    "CREATE INDEX import_state ON import (state, id);"

    "CREATE TABLE import_file ("
    " import_id BIGINT NOT NULL REFERENCES import (id),"
    " number BIGINT NOT NULL,"
    " position BIGINT NOT NULL,"
    " name TEXT NOT NULL,"
    " path TEXT NOT NULL,"
    " owned BIGINT NOT NULL," /* a copy in the data directory */
    " size_bytes BIGINT NOT NULL,"
    " digest TEXT NOT NULL,"
    " mapping_name TEXT NOT NULL,"
    " mapping TEXT NOT NULL,"
    " proposed BIGINT NOT NULL,"
    " encoding TEXT NOT NULL,"
    " separator TEXT NOT NULL,"
    " columns TEXT NOT NULL,"
    " notes TEXT NOT NULL,"
    " analysis TEXT NOT NULL,"
    " total_rows BIGINT NOT NULL,"
    /* Where the next batch starts. */
    " rows_done BIGINT NOT NULL DEFAULT 0,"
    " row_number BIGINT NOT NULL DEFAULT 0,"
    " offset_bytes BIGINT NOT NULL DEFAULT 0,"
    " done BIGINT NOT NULL DEFAULT 0,"
    " created BIGINT NOT NULL DEFAULT 0,"
    " updated BIGINT NOT NULL DEFAULT 0,"
    " unchanged BIGINT NOT NULL DEFAULT 0,"
    " skipped BIGINT NOT NULL DEFAULT 0,"
    " unassigned BIGINT NOT NULL DEFAULT 0,"
    " refused BIGINT NOT NULL DEFAULT 0,"
    " PRIMARY KEY (import_id, number));"

    "CREATE TABLE import_count ("
    " import_id BIGINT NOT NULL REFERENCES import (id),"
    " entity TEXT NOT NULL,"
    " created BIGINT NOT NULL,"
    " updated BIGINT NOT NULL,"
    " unchanged BIGINT NOT NULL,"
    " unassigned BIGINT NOT NULL,"
    " refused BIGINT NOT NULL,"
    " PRIMARY KEY (import_id, entity));"
    "CREATE TABLE import_skip ("
    " import_id BIGINT NOT NULL REFERENCES import (id),"
    " reason TEXT NOT NULL,"
    " skipped_rows BIGINT NOT NULL,"
    " PRIMARY KEY (import_id, reason));"
    "CREATE TABLE import_bad_row ("
    " id BIGINT PRIMARY KEY,"
    " import_id BIGINT NOT NULL REFERENCES import (id),"
    " file BIGINT NOT NULL,"
    " file_row BIGINT NOT NULL,"
    " line BIGINT NOT NULL,"
    " column_name TEXT NOT NULL,"
    " cell TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " refused BIGINT NOT NULL);"
    "CREATE INDEX import_bad_row_import ON import_bad_row (import_id, id);"

    /* What an undo takes back, the newest first; the facts name their import themselves. */
    "CREATE TABLE import_change ("
    " id BIGINT PRIMARY KEY,"
    " import_id BIGINT NOT NULL REFERENCES import (id),"
    " entity TEXT NOT NULL,"
    " entity_id BIGINT NOT NULL,"
    " field TEXT NOT NULL," /* empty: the record was created */
    " old_value TEXT NOT NULL,"
    " new_value TEXT NOT NULL);"
    "CREATE INDEX import_change_import ON import_change (import_id, id);"
    /* Archived by an undo: a later import may bring them back, which a person's archive forbids. */
    "CREATE TABLE import_archived ("
    " entity TEXT NOT NULL,"
    " entity_id BIGINT NOT NULL,"
    " PRIMARY KEY (entity, entity_id));"

    "CREATE TABLE unassigned_row ("
    " id BIGINT PRIMARY KEY,"
    " import_id BIGINT NOT NULL REFERENCES import (id),"
    " file BIGINT NOT NULL,"
    " file_row BIGINT NOT NULL,"
    " entity TEXT NOT NULL," /* "contact", or a fact's kind */
    " source TEXT NOT NULL,"
    " external_id TEXT NOT NULL,"
    " system TEXT NOT NULL,"
    " owner TEXT NOT NULL," /* the reference that is no partner */
    " at_ms BIGINT NOT NULL,"
    " quantity_milli BIGINT NOT NULL,"
    " amount BIGINT,"
    " cost BIGINT,"
    " currency TEXT NOT NULL,"
    " product_id BIGINT,"
    " ref TEXT NOT NULL,"
    " note TEXT NOT NULL,"
    " fields TEXT NOT NULL," /* of a contact */
    " UNIQUE (source, entity, external_id));"
    "CREATE INDEX unassigned_row_owner ON unassigned_row (system, owner, id);"
    "CREATE INDEX unassigned_row_import ON unassigned_row (import_id, id);"
    /* Owners that somebody gave to a partner: later imports do the same. */
    "CREATE TABLE import_owner ("
    " system TEXT NOT NULL,"
    " owner TEXT NOT NULL,"
    " partner_id BIGINT NOT NULL REFERENCES partner (id),"
    " PRIMARY KEY (system, owner));"
    /* Names of records that an import left out as no partners: owners of unassigned rows. */
    "CREATE TABLE import_stranger ("
    " system TEXT NOT NULL,"
    " external_id TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " PRIMARY KEY (system, external_id));";
/*
 * By what partners are found, sorted, and recognised as one. partner_word: every word that begins a
 * find, folded; both orders, for the words of a prefix and for the words of a partner; its name_key
 * is the partner's, so that hits are put in order without a look at their records.
 * partner_match holds what is compared for duplicates of every partner that is neither archived
 * nor merged, as it was when it was last looked at. partner_duplicate: low_id < high_id; a judged
 * pair stays, so that it does not come back. `keyed` is what makes a table its own index.
 */
/* clang-format off */
#define SEARCH_SQL(keyed)                                                                   \
    "CREATE TABLE partner_word ("                                                           \
    " word TEXT NOT NULL,"                                                                  \
    " partner_id BIGINT NOT NULL REFERENCES partner (id),"                                  \
    " name_key TEXT NOT NULL,"                                                              \
    " PRIMARY KEY (word, partner_id))" keyed ";"                                            \
    "CREATE INDEX partner_word_partner ON partner_word (partner_id, word);"                 \
    "CREATE TABLE partner_match ("                                                          \
    " partner_id BIGINT PRIMARY KEY REFERENCES partner (id),"                               \
    " company_key TEXT NOT NULL,"                                                           \
    " reversed_key TEXT NOT NULL,"                                                          \
    " signature TEXT NOT NULL);"                                                            \
    "CREATE INDEX partner_match_key ON partner_match (company_key, partner_id);"            \
    "CREATE INDEX partner_match_reversed ON partner_match (reversed_key, partner_id);"      \
    "CREATE TABLE partner_duplicate ("                                                      \
    " id BIGINT PRIMARY KEY,"                                                               \
    " low_id BIGINT NOT NULL REFERENCES partner (id),"                                      \
    " high_id BIGINT NOT NULL REFERENCES partner (id),"                                     \
    " reasons BIGINT NOT NULL,"                                                             \
    " rank BIGINT NOT NULL,"                                                                \
    " found_ms BIGINT NOT NULL,"                                                            \
    " dismissed_ms BIGINT,"                                                                 \
    " dismissed_by TEXT NOT NULL DEFAULT '',"                                               \
    " UNIQUE (low_id, high_id));"                                                           \
    "CREATE INDEX partner_duplicate_high ON partner_duplicate (high_id);"                   \
    "CREATE INDEX partner_duplicate_rank ON partner_duplicate (rank, id);"                  \
    "CREATE INDEX partner_phone2 ON partner (phone2);"                                      \
    "CREATE INDEX partner_merged ON partner (merged_into) WHERE merged_into IS NOT NULL;"   \
    "CREATE INDEX partner_external_id ON partner_external (external_id);"                   \
    "CREATE INDEX partner_status_only ON partner (status, id);"                             \
    "CREATE INDEX partner_country ON partner (country, id);"                                \
    "CREATE INDEX partner_city ON partner (city, id);"                                      \
    "CREATE INDEX partner_tier ON partner (tier, id);"                                      \
    "CREATE INDEX partner_created ON partner (created_ms, id);"                             \
    "CREATE INDEX partner_updated ON partner (updated_ms, id);"
/* clang-format on */
static const char search_sql[] = SEARCH_SQL(" WITHOUT ROWID");
static const char search_postgres[] = SEARCH_SQL("");

static const char metric_sql[] =
    /* What one unit of a currency was worth in the reporting currency, in 10^-9. */
    "CREATE TABLE exchange_rate ("
    " reporting TEXT NOT NULL,"
    " currency TEXT NOT NULL,"
    " day BIGINT NOT NULL,"
    " nano BIGINT NOT NULL,"
    " PRIMARY KEY (reporting, currency, day));"
    "CREATE INDEX exchange_rate_day ON exchange_rate (reporting, day, currency);"
    /* Few, and taken off every total of the channel. */
    "CREATE INDEX partner_archived ON partner (id) WHERE archived_ms IS NOT NULL;"
    "CREATE INDEX partner_active ON partner (active_ms, id) WHERE active_ms IS NOT NULL;";

static const char view_sql[] = "CREATE TABLE saved_view ("
                               " id BIGINT PRIMARY KEY,"
                               " user_id BIGINT NOT NULL REFERENCES user_account (id),"
                               " list TEXT NOT NULL,"
                               " name TEXT NOT NULL,"
                               " query TEXT NOT NULL,"
                               " created_ms BIGINT NOT NULL,"
                               " updated_ms BIGINT NOT NULL,"
                               " version BIGINT NOT NULL,"
                               " UNIQUE (user_id, list, name));";

/*
 * domain_state: the last check of each partner; told_verdict is the one that stands in the
 * history. domain_change: what changed, the newest last. domain_proof: the newest of a partner
 * counts. roots: addresses, separated by spaces.
 */
static const char domain_sql[] =
    "CREATE TABLE domain_setting ("
    " id BIGINT PRIMARY KEY CHECK (id = 1),"
    " watch BIGINT NOT NULL,"
    " fill BIGINT NOT NULL,"
    " admit BIGINT NOT NULL,"
    " allow_private BIGINT NOT NULL,"
    " every_hours BIGINT NOT NULL,"
    " per_second BIGINT NOT NULL,"
    " port BIGINT NOT NULL,"
    " roots TEXT NOT NULL,"
    " version BIGINT NOT NULL);"

    "CREATE TABLE domain_state ("
    " partner_id BIGINT PRIMARY KEY REFERENCES partner (id),"
    " domain TEXT NOT NULL,"
    " verdict TEXT NOT NULL,"
    " told_verdict TEXT NOT NULL,"
    " name_servers TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " first_reason TEXT NOT NULL,"
    " finding TEXT NOT NULL,"
    " checked_ms BIGINT NOT NULL,"
    " next_ms BIGINT NOT NULL,"
    " failures BIGINT NOT NULL,"
    " differs_since_ms BIGINT NOT NULL,"
    " changed_ms BIGINT NOT NULL,"
    " alarms BIGINT NOT NULL,"
    " alarm_ms BIGINT NOT NULL,"
    " alarm_sentence TEXT NOT NULL);"
    "CREATE INDEX domain_state_next ON domain_state (next_ms, partner_id);"
    "CREATE INDEX domain_state_alarms ON domain_state (partner_id) WHERE alarms <> 0;"

    "CREATE TABLE domain_change ("
    " id BIGINT PRIMARY KEY," /* its instant is in the id */
    " partner_id BIGINT NOT NULL REFERENCES partner (id),"
    " domain TEXT NOT NULL,"
    " kinds BIGINT NOT NULL,"
    " verdict TEXT NOT NULL,"
    " sentence TEXT NOT NULL);"
    "CREATE INDEX domain_change_partner ON domain_change (partner_id, id);"

    "CREATE TABLE domain_proof ("
    " id BIGINT PRIMARY KEY,"
    " partner_id BIGINT NOT NULL REFERENCES partner (id),"
    " domain TEXT NOT NULL,"
    " token TEXT NOT NULL,"
    " created_ms BIGINT NOT NULL,"
    " expires_ms BIGINT NOT NULL,"
    " verified_ms BIGINT,"
    " checked_ms BIGINT,"
    " missing_since_ms BIGINT,"
    " ended_ms BIGINT);" /* withdrawn, replaced or lost */
    "CREATE INDEX domain_proof_partner ON domain_proof (partner_id, id);"
    "CREATE INDEX domain_proof_domain ON domain_proof (domain, id);";

/* Files that are to be imported, where several servers share the database. */
static const char piece_sql[] = "CREATE TABLE import_piece ("
                                " name TEXT NOT NULL," /* of the copy in a data directory */
                                " number BIGINT NOT NULL,"
                                " bytes BYTEA NOT NULL,"
                                " created_ms BIGINT NOT NULL,"
                                " PRIMARY KEY (name, number));";

/* Those that wait; a decision takes the row away. */
static const char access_sql[] =
    "CREATE TABLE access_request ("
    " id BIGINT PRIMARY KEY,"
    " partner_id BIGINT NOT NULL REFERENCES partner (id),"
    " domain TEXT NOT NULL,"
    " email TEXT NOT NULL UNIQUE," /* lower case */
    " name TEXT NOT NULL,"
    " password_hash TEXT NOT NULL,"
    " asked_ms BIGINT NOT NULL);"
    "CREATE INDEX access_request_partner ON access_request (partner_id, id);";

const struct migration schema_migrations[] = {
    {1, "organisation, audit, idempotency", organisation_sql, NULL},
    {2, "users, sessions, tokens", account_sql, NULL},
    {3, "the directory", directory_sql, NULL},
    {4, "ledger and rollups", ledger_sql, ledger_postgres},
    {5, "imports", intake_sql, NULL},
    {6, "search and duplicates", search_sql, search_postgres},
    {7, "exchange rates", metric_sql, NULL},
    {8, "saved views", view_sql, NULL},
    {9, "domains", domain_sql, NULL},
    {10, "files of imports", piece_sql, NULL},
    {11, "requests for access", access_sql, NULL},
};
const size_t schema_migration_count = sizeof(schema_migrations) / sizeof(schema_migrations[0]);
