/* The PostgreSQL driver: values in the binary form of their types. */
#include <arpa/inet.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/db/postgres.h"

/* Of PostgreSQL's catalogue pg_type; the numbers are part of its protocol. */
enum {
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_NAME = 19,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25,
    TYPE_VARCHAR = 1043,
    TYPE_BYTEA_ARRAY = 1001,
    TYPE_TEXT_ARRAY = 1009,
    TYPE_INT8_ARRAY = 1016
};
enum { FIRST_CAPACITY = 256, BYTE_BITS = 8, HALF_BITS = 32 };

/* ---- growing memory ---- */

void pg_bytes_add(struct pg_bytes *bytes, const void *from, size_t len)
{
    if (bytes->len + len > bytes->capacity) {
        size_t capacity = bytes->capacity ? bytes->capacity : FIRST_CAPACITY;
        while (capacity < bytes->len + len)
            capacity *= 2;
        bytes->ptr = realloc(bytes->ptr, capacity);
        if (!bytes->ptr)
            abort();
        bytes->capacity = capacity;
    }
    if (len)
        memcpy(bytes->ptr + bytes->len, from, len);
    bytes->len += len;
}

void pg_bytes_add_int32(struct pg_bytes *bytes, uint32_t value)
{
    uint32_t network = htonl(value);
    pg_bytes_add(bytes, &network, sizeof(network));
}

void pg_bytes_add_int64(struct pg_bytes *bytes, int64_t value)
{
    pg_bytes_add_int32(bytes, (uint32_t)((uint64_t)value >> HALF_BITS));
    pg_bytes_add_int32(bytes, (uint32_t)(uint64_t)value);
}

/* ---- writing ---- */

static bool put_int(struct pg_bytes *bytes, Oid type, int64_t value)
{
    switch (type) {
    case TYPE_INT8:
        pg_bytes_add_int64(bytes, value);
        return true;
    case TYPE_INT4:
        pg_bytes_add_int32(bytes, (uint32_t)(int32_t)value);
        return value >= INT32_MIN && value <= INT32_MAX;
    default:
        return false;
    }
}

static bool is_text(Oid type)
{
    return type == TYPE_TEXT || type == TYPE_VARCHAR || type == TYPE_NAME;
}

bool pg_put_value(struct pg_bytes *bytes, Oid type, const struct db_value *value)
{
    switch (value->type) {
    case DB_NULL:
        return true;
    case DB_INT:
        return put_int(bytes, type, value->integer);
    case DB_TEXT:
        pg_bytes_add(bytes, value->bytes.ptr, value->bytes.len);
        return is_text(type);
    case DB_BYTES:
        pg_bytes_add(bytes, value->bytes.ptr, value->bytes.len);
        return type == TYPE_BYTEA;
    }
    return false;
}

Oid pg_element_type(Oid array)
{
    switch (array) {
    case TYPE_INT8_ARRAY:
        return TYPE_INT8;
    case TYPE_TEXT_ARRAY:
        return TYPE_TEXT;
    case TYPE_BYTEA_ARRAY:
        return TYPE_BYTEA;
    default:
        return 0;
    }
}

/* ---- reading ---- */

/* The width of a number's type; 0 for what is none. */
static size_t width_of(Oid type)
{
    switch (type) {
    case TYPE_BOOL:
        return sizeof(int8_t);
    case TYPE_INT2:
        return sizeof(int16_t);
    case TYPE_INT4:
        return sizeof(int32_t);
    case TYPE_INT8:
        return sizeof(int64_t);
    default:
        return 0;
    }
}

bool pg_is_readable(Oid type)
{
    return width_of(type) || is_text(type) || type == TYPE_BYTEA;
}

bool pg_read_int(Oid type, const char *bytes, size_t len, int64_t *ret_value)
{
    if (!len || len != width_of(type))
        return false;
    uint64_t value = (unsigned char)bytes[0] >= 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < len; i++)
        value = value << BYTE_BITS | (unsigned char)bytes[i];
    *ret_value = (int64_t)value;
    return true;
}
