/* Where a database is, and who uses it. */
#include "src/app/place.h"

#include <sys/stat.h>
#include <unistd.h>

#include "src/app/data.h"
#include "src/app/keeper.h"

static bool is_directory(struct ctx *ctx, struct str path)
{
    struct stat status;
    return stat(arena_cstr(ctx->arena, path), &status) == 0 && S_ISDIR(status.st_mode);
}

static struct place place_in(struct ctx *ctx, struct str directory)
{
    struct str file = data_path(ctx->arena, directory, "rapport.db");
    return (struct place){arena_format(ctx->arena, "sqlite:%.*s", STR_ARG(file)), directory, true};
}

/* False when it is no path to a file. */
static bool parse_path(struct str text, struct str *ret_path)
{
    struct str scheme = STR("sqlite:");
    if (!str_starts_with(text, scheme) || text.len == scheme.len)
        return false;
    *ret_path = str_slice(text, scheme.len, text.len);
    while (ret_path->len > 1 && ret_path->ptr[ret_path->len - 1] == '/')
        ret_path->len--;
    return true;
}

static bool parse_server(struct ctx *ctx, struct str text, struct place *ret_place)
{
    if (!str_starts_with(text, STR("postgres://")) && !str_starts_with(text, STR("postgresql://")))
        return false;
    *ret_place = (struct place){text, ctx->services->data_directory, false};
    return true;
}

static enum err refuse(struct ctx *ctx, const char *option)
{
    return CTX_FAULT(ctx, ERR_INVALID, "place",
                     "--%s takes sqlite:DIRECTORY, sqlite:FILE or postgres://USER@HOST/DATABASE.",
                     option);
}

static bool in_data_directory(struct str path, struct str *ret_directory)
{
    struct str name = STR("/rapport.db");
    if (!str_ends_with(path, name))
        return false;
    *ret_directory = str_slice(path, 0, path.len - name.len);
    return ret_directory->len > 0;
}

enum err place_parse(struct ctx *ctx, const char *option, struct str text, struct place *ret_place)
{
    struct str path, directory;
    if (parse_server(ctx, text, ret_place))
        return OK;
    if (!parse_path(text, &path))
        return refuse(ctx, option);
    if (is_directory(ctx, path))
        *ret_place = place_in(ctx, path);
    else if (in_data_directory(path, &directory))
        *ret_place = place_in(ctx, directory);
    else
        *ret_place = (struct place){text, {NULL, 0}, true};
    return OK;
}

enum err place_parse_target(struct ctx *ctx, const char *option, struct str text,
                            struct place *ret_place)
{
    struct str path, directory;
    if (parse_server(ctx, text, ret_place))
        return OK;
    if (!parse_path(text, &path))
        return refuse(ctx, option);
    *ret_place = place_in(ctx, in_data_directory(path, &directory) ? directory : path);
    return OK;
}

/* ---- servers ---- */

static enum err in_use(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_CONFLICT, "server_runs",
                     "A server uses this database, and what it records meanwhile would not be in"
                     " the copy. Stop every server first; of one that was killed it takes %d"
                     " seconds until it is known to be gone.",
                     DB_LEASE_MS / 1000);
}

static enum err hold_file(struct ctx *ctx, const struct place *place, struct place_hold *hold)
{
    int node;
    struct fault ignored;
    if (!place->directory.len)
        return OK;
    TRY(data_take_node(place->directory, &hold->nodes_fd, &node, &ctx->fault));
    if (data_take_server(place->directory, hold->nodes_fd, &ignored) == OK)
        return OK;
    return in_use(ctx);
}

static enum err hold_server(struct ctx *ctx, struct place_hold *hold)
{
    bool taken = false;
    TRY(db_lease_take(hold->db, KEEPER_LEADER, &taken, &ctx->fault));
    return taken ? OK : in_use(ctx);
}

enum err place_hold(struct ctx *ctx, const struct place *place, struct db *db,
                    struct place_hold *ret_hold)
{
    struct place_hold hold = {.db = db, .nodes_fd = -1};
    enum err err = place->is_file ? hold_file(ctx, place, &hold) : hold_server(ctx, &hold);
    if (err != OK) {
        if (hold.nodes_fd >= 0)
            close(hold.nodes_fd);
        return err;
    }
    *ret_hold = hold;
    return OK;
}

void place_keep(const struct place_hold *hold)
{
    struct fault ignored;
    bool taken;
    /* While the source cannot be reached, nobody else can take it either. */
    if (db_is_shared(hold->db) && db_lease_take(hold->db, KEEPER_LEADER, &taken, &ignored) != OK)
        return;
}

void place_leave(struct place_hold *hold)
{
    if (hold->nodes_fd >= 0)
        close(hold->nodes_fd);
    else if (db_is_shared(hold->db))
        db_lease_give(hold->db, KEEPER_LEADER);
}
