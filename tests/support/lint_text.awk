# Lines of source: the purpose on top, line and file length, and SQL outside the stores.

BEGIN {
    COLUMNS_HARD = 100
    LINES_HARD = 1000
    LINES_AIM = 500
    SQL = "(^|[^A-Za-z_])(SELECT|INSERT INTO|UPDATE [a-z_]+ SET|DELETE FROM|PRAGMA|SAVEPOINT|" \
        "(CREATE|DROP|ALTER) (UNIQUE )?(TABLE|INDEX|VIEW|TRIGGER)|ORDER BY|GROUP BY) " \
        "| FROM [a-z_]+ (WHERE|JOIN|ORDER)| WHERE [a-z_.]+ *(=|<|>|IN|IS) "
}

function refuse(text) {
    print FILENAME ":" FNR ": " text
}

# Bytes that begin a character; LC_ALL=C makes awk see bytes.
function columns(line) {
    gsub(/[\200-\277]/, "", line)
    return length(line)
}

function end_of_file() {
    if (count > LINES_HARD)
        print last ":1: " count " lines (at most " LINES_HARD ")"
    else if (count > LINES_AIM)
        print "note: " last " has " count " lines (aim: " LINES_AIM ")"
}

function check_sql(    i, n, piece) {
    gsub(/\\"|'"'/, "")
    n = split($0, piece, "\"")
    for (i = 2; i <= n; i += 2)
        if (piece[i] ~ SQL)
            refuse("SQL stands only in *_store.c, schema.c and lib/db")
}

FNR == 1 {
    end_of_file()
    is_c = FILENAME ~ /\.(c|h|cc)$/
    sql_allowed = !is_c || FILENAME ~ /_store\.c$|_(test|fuzz|bench)\.[ch]$/ ||
        FILENAME ~ /^src\/(app|core)\/schema\.c$|^lib\/db\/|^tests\//
    if (is_c && $0 !~ /^\/[*\/]/)
        refuse("the file does not begin with a comment that says its purpose")
}

{
    last = FILENAME
    count = FNR
}

length($0) > COLUMNS_HARD && columns($0) > COLUMNS_HARD {
    refuse("the line has " columns($0) " columns (at most " COLUMNS_HARD ")")
}

!sql_allowed && /"/ && !/^ *(\/?\*|\/\/)/ { check_sql() }

END { end_of_file() }
