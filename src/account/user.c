/* Users: who they are, what they may, their passwords. */
#include "src/account/account.h"
#include "src/account/account_state.h"
#include "src/account/account_store.h"

#include <ctype.h>

#include "lib/norm/norm.h"
#include "src/core/audit.h"
#include "src/core/limits.h"

static enum err not_found(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_NOT_FOUND, "user_not_found", "There is no such user.");
}

static struct audit_subject subject_of(struct user_id id)
{
    return (struct audit_subject){"user", id.v, {0}};
}

struct str account_email_key(struct arena *arena, struct str email)
{
    struct str text = str_trim(email);
    char *copy = arena_cstr(arena, text);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = (char)tolower((unsigned char)copy[i]);
    return (struct str){copy, text.len};
}

enum err account_check_partner(struct ctx *ctx, enum role role, struct partner_id partner)
{
    struct partner_id found;
    if ((role == ROLE_PARTNER) != partner_id_is_set(partner))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "partner_of_role", "partner_id",
                               "The role partner needs a partner, and no other role has one.");
    if (role != ROLE_PARTNER || !ctx->services->find_partner)
        return OK;
    return ctx->services->find_partner(ctx, partner_id_text(partner, ctx->arena), &found);
}

static enum err check_draft(struct ctx *ctx, const struct user_draft *draft, struct user *user)
{
    struct str email;
    if (!email_parse(draft->email, ctx->arena, &email))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "email_invalid", "email",
                               "This is no mail address.");
    user->email = account_email_key(ctx->arena, email);
    user->name = text_clean(draft->name, ctx->arena);
    if (!user->name.len)
        user->name = user->email;
    if (user->name.len > LIMIT_NAME_BYTES)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "name_too_long", "name", "The name is too long.");
    return account_check_partner(ctx, draft->role, draft->partner);
}

enum err user_add(struct ctx *ctx, const struct user_draft *draft, struct user *ret_user)
{
    struct user user = {
        .role = draft->role, .partner = draft->partner, .has_password = draft->hash.len > 0};
    struct user other;
    struct str hash;
    bool taken;
    TRY(check_draft(ctx, draft, &user));
    TRY(user_store_by_email(ctx, user.email, &other, &hash, &taken));
    if (taken)
        return CTX_FAULT_FIELD(ctx, ERR_CONFLICT, "email_taken", "email",
                               "There is a user with this address.");
    user.id.v = ctx_next_id(ctx);
    user.created_ms = ctx->now_ms;
    user.version = 1;
    TRY(user_store_insert(ctx, &user, draft->hash));
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "email", STR(""), user.email);
    audit_changed_text(&changes, "role", STR(""), str_from_c(role_name(user.role)));
    TRY(audit_record(ctx, subject_of(user.id), "created", &changes));
    *ret_user = user;
    return OK;
}

enum err user_get(struct ctx *ctx, struct user_id id, struct user *ret_user)
{
    bool found;
    TRY(user_store_get(ctx, id, ret_user, &found));
    return found ? OK : not_found(ctx);
}

enum err user_find(struct ctx *ctx, struct str text, struct user *ret_user)
{
    struct user_id id;
    struct user users[2];
    struct str hash;
    size_t count;
    bool found;
    if (user_id_parse(text, &id))
        return user_get(ctx, id, ret_user);
    TRY(user_store_by_email(ctx, account_email_key(ctx->arena, text), ret_user, &hash, &found));
    if (found)
        return OK;
    TRY(user_store_by_name(ctx, text, users, &count));
    if (count == 0)
        return not_found(ctx);
    if (count > 1)
        return CTX_FAULT(ctx, ERR_CONFLICT, "user_ambiguous",
                         "Several users have this name; give the mail address: %.*s or %.*s.",
                         STR_ARG(users[0].email), STR_ARG(users[1].email));
    *ret_user = users[0];
    return OK;
}

/* One row more than the page was asked for: it tells that there is a next page. */
static struct user_page room_for(struct ctx *ctx, const struct page *page)
{
    return (struct user_page){.rows =
                                  ARENA_ARRAY(ctx->arena, struct user, (size_t)page->limit + 1)};
}

static void end_page(struct ctx *ctx, const struct page *page, const char *order,
                     struct user_page *found)
{
    if (found->count <= (size_t)page->limit)
        return;
    found->count = (size_t)page->limit;
    found->next = page_cursor(ctx, order, found->rows[found->count - 1].email, 0, 0);
}

enum err user_list(struct ctx *ctx, const struct page *page, struct user_page *ret_page)
{
    struct user_page found = room_for(ctx, page);
    TRY(user_store_list(ctx, page->after_text, page->limit + 1, &found));
    end_page(ctx, page, "email", &found);
    *ret_page = found;
    return OK;
}

enum err user_list_managers(struct ctx *ctx, const struct page *page, struct user_page *ret_page)
{
    struct user_page found = room_for(ctx, page);
    TRY(user_store_list_managers(ctx, page->after_text, page->limit + 1, &found));
    end_page(ctx, page, "managers", &found);
    *ret_page = found;
    return OK;
}

static bool may_manage(const struct user *user)
{
    return !user->disabled && ((unsigned)user->role & ROLES_MANAGE);
}

enum err user_check_manager(struct ctx *ctx, struct user_id id)
{
    struct user user;
    TRY(user_get(ctx, id, &user));
    if (!may_manage(&user))
        return CTX_FAULT(ctx, ERR_INVALID, "not_a_manager",
                         "%.*s cannot be responsible for partners.", STR_ARG(user.name));
    return OK;
}

/* Without an enabled administrator nobody could let anybody in again. */
static enum err keep_an_admin(struct ctx *ctx, const struct user *before, const struct user *after)
{
    int64_t admins;
    bool was = before->role == ROLE_ADMIN && !before->disabled;
    bool stays = after->role == ROLE_ADMIN && !after->disabled;
    if (!was || stays)
        return OK;
    TRY(user_store_count_admins(ctx, &admins));
    return admins > 1 ? OK
                      : CTX_FAULT(ctx, ERR_CONFLICT, "last_administrator",
                                  "This is the last administrator; make another one first.");
}

static enum err apply_change(struct ctx *ctx, const struct user_change *change, struct user *user)
{
    if (change->name_given)
        user->name = text_clean(change->name, ctx->arena);
    if (change->role_given)
        user->role = change->role;
    if (change->disabled_given)
        user->disabled = change->disabled;
    if (!user->name.len || user->name.len > LIMIT_NAME_BYTES)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "name_invalid", "name", "A user needs a name.");
    if ((user->role == ROLE_PARTNER) != partner_id_is_set(user->partner))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "partner_of_role", "role",
                               "A partner's user stays one, and staff does not become one.");
    return OK;
}

/* What a user who may be responsible no longer leaves behind. */
static enum err hand_over(struct ctx *ctx, const struct user *before, const struct user *after)
{
    if (!may_manage(before) || may_manage(after) || !ctx->services->manager_left)
        return OK;
    return ctx->services->manager_left(ctx, after->id);
}

enum err user_update(struct ctx *ctx, struct user_id id, int64_t version,
                     const struct user_change *change, struct user *ret_user)
{
    struct user before, after;
    TRY(user_get(ctx, id, &before));
    if (version && version != before.version)
        return CTX_FAULT(ctx, ERR_STALE, "stale",
                         "Somebody else changed this user in the meantime.");
    after = before;
    TRY(apply_change(ctx, change, &after));
    TRY(keep_an_admin(ctx, &before, &after));
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "name", before.name, after.name);
    audit_changed_text(&changes, "role", str_from_c(role_name(before.role)),
                       str_from_c(role_name(after.role)));
    audit_changed_int(&changes, "disabled", before.disabled, after.disabled);
    if (changes.count) {
        TRY(user_store_update(ctx, &after));
        TRY(audit_record(ctx, subject_of(id), "changed", &changes));
        after.version++;
    }
    TRY(hand_over(ctx, &before, &after));
    if (after.disabled || after.role != before.role)
        TRY(session_store_delete_of(ctx, id));
    account_forget(ctx->services->account);
    *ret_user = after;
    return OK;
}

enum err user_set_password(struct ctx *ctx, struct user_id id, struct str hash)
{
    struct user user;
    TRY(user_get(ctx, id, &user));
    TRY(user_store_set_hash(ctx, id, hash));
    TRY(session_store_delete_of(ctx, id));
    account_forget(ctx->services->account);
    return audit_record(ctx, subject_of(id), "password set", NULL);
}

/* The first to be tried by everybody; the length rule refuses most others. */
static bool is_well_known(struct str password)
{
    static const struct str known[] = {
        STR_INIT("password123"),      STR_INIT("1234567890"),    STR_INIT("qwertyuiop"),
        STR_INIT("0123456789"),       STR_INIT("administrator"), STR_INIT("letmein123"),
        STR_INIT("passwordpassword"), STR_INIT("12345678910"),
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_equal_nocase(password, known[i]))
            return true;
    return false;
}

enum err user_hash_password(struct ctx *ctx, struct str password, struct str *ret_hash)
{
    if (password.len < PASSWORD_MIN_LEN || password.len > PASSWORD_MAX_LEN ||
        is_well_known(password))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "password_weak", "password",
                               "A password has %d to %d characters and is not a well-known one.",
                               PASSWORD_MIN_LEN, PASSWORD_MAX_LEN);
    char *hash = arena_alloc(ctx->arena, PASSWORD_HASH_MAX);
    TRY(password_hash(password, hash));
    *ret_hash = str_from_c(hash);
    return OK;
}

struct str user_generate_password(struct ctx *ctx)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    enum { GROUPS = 4, GROUP_LETTERS = 5 };
    uint8_t random[GROUPS * GROUP_LETTERS];
    struct buf buf;
    buf_init(&buf, ctx->arena, PASSWORD_MAX_LEN);
    entropy_fill(&ctx->services->entropy, random, sizeof(random));
    for (size_t i = 0; i < sizeof(random); i++) {
        if (i && i % GROUP_LETTERS == 0)
            buf_add_char(&buf, '-');
        buf_add_char(&buf, letters[random[i] % 32]);
    }
    secret_wipe(random, sizeof(random));
    return buf_str(&buf);
}
