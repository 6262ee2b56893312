/* Copies of databases: the catalogue, the statements made from it, and sums of rows. */
#include "lib/db/copy_tables.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/map.h"

enum { COLUMNS_MAX = 2000, SQL_MAX = 16 * 1024 };

/* "type" is ours: int, text, bytes, or what it is. "key" counts from 1; 0: not of the key. */
static const struct query catalogue = {
    "copy catalogue",
    "SELECT m.name AS table_name, c.name AS column_name, c.pk AS key,"
    " CASE WHEN UPPER(c.type) IN ('BIGINT', 'INTEGER') THEN 'int'"
    " WHEN UPPER(c.type) = 'TEXT' THEN 'text' WHEN UPPER(c.type) = 'BYTEA' THEN 'bytes'"
    " ELSE c.type END AS type FROM sqlite_master m, pragma_table_info(m.name) c"
    " WHERE m.type = 'table' AND substr(m.name, 1, 3) <> 'db_'"
    " AND substr(m.name, 1, 7) <> 'sqlite_' ORDER BY m.name, c.cid LIMIT $1",
    "SELECT CAST(t.relname AS TEXT) AS table_name, CAST(c.attname AS TEXT) AS column_name,"
    " CAST(COALESCE(array_position(CAST(k.indkey AS int2[]), c.attnum) + 1, 0) AS BIGINT) AS key,"
    " CASE WHEN y.typname IN ('int2', 'int4', 'int8') THEN 'int' WHEN y.typname = 'text' THEN"
    " 'text' WHEN y.typname = 'bytea' THEN 'bytes' ELSE CAST(y.typname AS TEXT) END AS type"
    " FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0"
    " AND NOT c.attisdropped JOIN pg_type y ON y.oid = c.atttypid"
    " LEFT JOIN pg_index k ON k.indrelid = t.oid AND k.indisprimary"
    " WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition"
    " AND t.relnamespace = CAST(current_schema() AS regnamespace)"
    " AND substr(CAST(t.relname AS TEXT), 1, 3) <> 'db_'"
    " ORDER BY CAST(t.relname AS TEXT) COLLATE \"C\", c.attnum LIMIT CAST($1 AS BIGINT)"};

/* ---- reading the catalogue ---- */

struct cell {
    const char *table, *name;
    struct str type;
    int64_t key;
};
struct cells {
    struct cell *cells;
    size_t count;
};

static enum err read_cells(struct db_conn *conn, struct arena *arena, struct cells *ret_cells)
{
    struct cells cells = {ARENA_ARRAY(arena, struct cell, COLUMNS_MAX), 0};
    struct db_rows *rows = db_select(conn, &catalogue, DB_ARGS(db_int(COLUMNS_MAX)));
    while (db_rows_next(rows)) {
        cells.cells[cells.count++] = (struct cell){
            .table = arena_cstr(arena, db_rows_text(rows, "table_name")),
            .name = arena_cstr(arena, db_rows_text(rows, "column_name")),
            .type = db_rows_copy(rows, "type", arena),
            .key = db_rows_int(rows, "key"),
        };
    }
    TRY(db_rows_close(rows));
    if (cells.count == COLUMNS_MAX)
        return db_fault(conn->fault, ERR_UNSUPPORTED, "copy", "it has too many columns");
    *ret_cells = cells;
    return OK;
}

static bool type_parse(struct str text, enum db_type *ret_type)
{
    static const struct {
        const char *name;
        enum db_type type;
    } types[] = {{"int", DB_INT}, {"text", DB_TEXT}, {"bytes", DB_BYTES}};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (!str_equal(text, str_from_c(types[i].name)))
            continue;
        *ret_type = types[i].type;
        return true;
    }
    return false;
}

/* ---- statements ---- */

/* Of one table. */
struct maker {
    struct arena *arena;
    const struct cell *cells;
    size_t count;
    const struct copy_column *columns;
};

static const char *finish_sql(struct buf *sql)
{
    buf_add_char(sql, '\0');
    return sql->overflowed ? "" : buf_str(sql).ptr;
}

static void add_columns(struct buf *sql, const struct maker *maker)
{
    for (size_t i = 0; i < maker->count; i++)
        buf_format(sql, "%s\"%s\"", i ? ", " : "", maker->cells[i].name);
}

static const char *make_look(const struct maker *maker)
{
    struct buf sql;
    buf_init(&sql, maker->arena, SQL_MAX);
    buf_add(&sql, STR("SELECT "));
    add_columns(&sql, maker);
    buf_format(&sql, " FROM \"%s\"", maker->cells[0].table);
    return finish_sql(&sql);
}

/* NULL without a key. */
static const char *make_read(const struct maker *maker, const char *look)
{
    struct buf sql;
    int64_t keys = 0;
    buf_init(&sql, maker->arena, SQL_MAX);
    buf_format(&sql, "%s ORDER BY ", look);
    for (int64_t key = 1; key <= (int64_t)maker->count; key++)
        for (size_t i = 0; i < maker->count; i++)
            if (maker->cells[i].key == key)
                buf_format(&sql, "%s\"%s\"", keys++ ? ", " : "", maker->cells[i].name);
    return keys ? finish_sql(&sql) : NULL;
}

static void add_insert(struct buf *sql, const struct maker *maker)
{
    buf_format(sql, "INSERT INTO \"%s\" (", maker->cells[0].table);
    add_columns(sql, maker);
    buf_add(sql, STR(") "));
}

static const char *make_insert_row(const struct maker *maker)
{
    struct buf sql;
    buf_init(&sql, maker->arena, SQL_MAX);
    add_insert(&sql, maker);
    buf_add(&sql, STR("VALUES ("));
    for (size_t i = 0; i < maker->count; i++)
        buf_format(&sql, "%s$%zu", i ? ", " : "", i + 1);
    buf_add(&sql, STR(")"));
    return finish_sql(&sql);
}

static const char *make_insert_many(const struct maker *maker)
{
    static const char *const arrays[] = {
        [DB_INT] = "bigint[]", [DB_TEXT] = "text[]", [DB_BYTES] = "bytea[]"};
    struct buf sql;
    buf_init(&sql, maker->arena, SQL_MAX);
    add_insert(&sql, maker);
    buf_add(&sql, STR("SELECT * FROM unnest("));
    for (size_t i = 0; i < maker->count; i++)
        buf_format(&sql, "%sCAST($%zu AS %s)", i ? ", " : "", i + 1,
                   arrays[maker->columns[i].type]);
    buf_add(&sql, STR(")"));
    return finish_sql(&sql);
}

static const char *make_short(const struct maker *maker, const char *words)
{
    struct buf sql;
    buf_init(&sql, maker->arena, SQL_MAX);
    buf_format(&sql, "%s \"%s\"", words, maker->cells[0].table);
    return finish_sql(&sql);
}

static enum err read_columns(struct maker *maker, struct fault *fault)
{
    struct copy_column *columns = ARENA_ARRAY(maker->arena, struct copy_column, maker->count);
    maker->columns = columns;
    for (size_t i = 0; i < maker->count; i++) {
        const struct cell *cell = &maker->cells[i];
        columns[i].name = cell->name;
        if (!type_parse(cell->type, &columns[i].type))
            return fault_set(
                fault, ERR_UNSUPPORTED, "copy",
                "The column %s of the table %s has the type %.*s, which is not copied.", cell->name,
                cell->table, STR_ARG(cell->type));
    }
    return OK;
}

static enum err make_table(struct maker *maker, struct copy_table *ret_table, struct fault *fault)
{
    TRY(read_columns(maker, fault));
    const char *name = maker->cells[0].table, *look = make_look(maker);
    const char *read = make_read(maker, look);
    if (!read)
        return fault_set(fault, ERR_UNSUPPORTED, "copy", "The table %s has no primary key.", name);
    *ret_table = (struct copy_table){
        .name = name,
        .columns = maker->columns,
        .column_count = maker->count,
        .read = {name, read, NULL},
        .look = {name, look, NULL},
        .count = {name, make_short(maker, "SELECT COUNT(*) AS n FROM"), NULL},
        .insert = {name, make_insert_row(maker), make_insert_many(maker)},
        .empty = {name, make_short(maker, "DELETE FROM"), NULL},
    };
    return OK;
}

enum err copy_tables_read(struct db_conn *conn, struct arena *arena, struct copy_tables *ret_tables)
{
    struct cells cells = {NULL, 0};
    TRY(read_cells(conn, arena, &cells));
    struct copy_table *tables = ARENA_ARRAY(arena, struct copy_table, cells.count + 1);
    size_t count = 0;
    for (size_t i = 0, end; i < cells.count; i = end) {
        for (end = i + 1; end < cells.count; end++)
            if (strcmp(cells.cells[end].table, cells.cells[i].table) != 0)
                break;
        struct maker maker = {.arena = arena, .cells = &cells.cells[i], .count = end - i};
        TRY(make_table(&maker, &tables[count++], conn->fault));
    }
    if (arena_failed(arena))
        return db_fault(conn->fault, ERR_MEMORY, "copy", "its tables need more memory");
    *ret_tables = (struct copy_tables){tables, count};
    return OK;
}

/* ---- comparing ---- */

static const struct copy_column *find_column(const struct copy_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

static const struct copy_table *find_table(const struct copy_tables *tables, const char *name)
{
    for (size_t i = 0; i < tables->count; i++)
        if (strcmp(tables->tables[i].name, name) == 0)
            return &tables->tables[i];
    return NULL;
}

static bool has_all_columns(const struct copy_table *table, const struct copy_table *other)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct copy_column *found = find_column(other, table->columns[i].name);
        if (!found || found->type != table->columns[i].type)
            return false;
    }
    return table->column_count == other->column_count;
}

static enum err has_all_tables(const struct copy_tables *tables, const struct copy_tables *others,
                               struct fault *fault)
{
    for (size_t i = 0; i < tables->count; i++) {
        const struct copy_table *table = &tables->tables[i];
        const struct copy_table *other = find_table(others, table->name);
        if (!other || !has_all_columns(table, other))
            return fault_set(fault, ERR_UNSUPPORTED, "copy_tables",
                             "The table %s is not the same in both databases; nothing was copied.",
                             table->name);
    }
    return OK;
}

enum err copy_tables_compare(const struct copy_tables *from, const struct copy_tables *to,
                             struct fault *fault)
{
    TRY(has_all_tables(from, to, fault));
    return has_all_tables(to, from, fault);
}

/* ---- rows ---- */

void copy_row_read(const struct copy_table *table, struct db_rows *rows,
                   struct db_value *ret_values)
{
    const struct db_driver *driver = rows->conn->db->driver;
    for (size_t i = 0; i < table->column_count; i++) {
        enum db_type type = table->columns[i].type;
        if (driver->column_is_null(rows, i))
            ret_values[i] = db_null();
        else if (type == DB_INT)
            ret_values[i] = db_int(driver->column_int(rows, i));
        else
            ret_values[i] = (struct db_value){type, 0, driver->column_bytes(rows, i)};
    }
}

static uint64_t hash_value(uint64_t hash, const struct db_value *value)
{
    struct str bytes = value->bytes;
    if (value->type == DB_INT)
        bytes = (struct str){(const char *)&value->integer, sizeof(value->integer)};
    return hash_bytes(bytes, hash + (uint64_t)value->type);
}

void copy_sum_add(struct copy_sum *sum, const struct db_value *values, size_t count)
{
    /* Any odd number: with 0 the first hashes would be 0. */
    uint64_t hash = UINT64_C(0x9E3779B97F4A7C15);
    for (size_t i = 0; i < count; i++)
        hash = hash_value(hash, &values[i]);
    sum->checksum += hash;
    sum->rows++;
}
