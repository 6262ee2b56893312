# Includes against layers.txt. Reads layers.txt first, then every source file.

function within(path, folder) {
    return path == folder || index(path, folder "/") == 1
}

# Is `path` in one of the folders, or does its name end as one of the words says?
function listed(path, words,    n, i, word) {
    n = split(words, word, " ")
    for (i = 1; i <= n; i++)
        if (within(path, word[i]) || (word[i] ~ /^_/ && path ~ (word[i] "$")))
            return 1
    return 0
}

function refuse(text) {
    print FILENAME ":" FNR ": " text
}

function folder_of(path,    part) {
    split(path, part, "/")
    return part[1] == "tests" ? "tests" : part[1] "/" part[2]
}

function check_noun(noun, target, path,    part) {
    if (within(target, "lib") || target == "src/core")
        return
    split(target, part, "/")
    if (part[1] != "src" || !(part[2] in rank))
        refuse("a noun does not include " path)
    else if (rank[part[2]] > rank[noun])
        refuse(noun " stands before " part[2] " and does not include " path)
    else if (path != target "/" part[2] ".h" && !(path in opened))
        refuse("others include only " target "/" part[2] ".h, not " path)
}

function check(path,    target, part, from) {
    target = folder_of(path)
    from = folder
    if (is_test && target == "tests")
        return
    for (pattern in pure)
        if (FILENAME ~ (pattern "\\.[ch]$") && target != from && !listed(path, pure[pattern]))
            refuse(pattern " files are pure and do not include " path)
    for (guarded in only)
        if (within(path, guarded) && from != guarded && !is_test &&
            !listed(FILENAME, only[guarded]))
            refuse("only " only[guarded] " include " path)
    if (target == from)
        return
    split(from, part, "/")
    if (part[1] == "src" && (part[2] in rank))
        check_noun(part[2], target, path)
    else if (!listed(path, allowed[from]))
        refuse(from " does not include " path)
}

FILENAME ~ /layers\.txt$/ {
    sub(/#.*/, "")
    if (!NF)
        next
    words = $0
    sub(/^[^:]*: */, "", words)
    sub(/:.*/, "")
    if ($1 == "only" || $1 == "pure") {
        if ($1 == "only")
            only[$2] = words
        else
            pure[$2] = words
    } else if ($1 == "opened") {
        n = split(words, header, " ")
        for (i = 1; i <= n; i++)
            opened[header[i]] = 1
    } else if ($1 == "nouns") {
        n = split(words, noun, " ")
        for (i = 1; i <= n; i++) {
            rank[noun[i]] = i
            known["src/" noun[i]] = 1
        }
    } else {
        allowed[$1] = words
        known[$1] = 1
    }
    next
}

FNR == 1 {
    folder = folder_of(FILENAME)
    is_test = folder == "tests" || FILENAME ~ /_(test|fuzz|bench)\.[ch]$/
    if (!(folder in known))
        refuse(folder " does not stand in layers.txt")
}

/^#include "/ {
    split($0, quoted, "\"")
    if (quoted[2] ~ /^(lib|src|tests)\//)
        check(quoted[2])
    else
        refuse("includes begin at the root (lib/, src/, tests/), not \"" quoted[2] "\"")
}
