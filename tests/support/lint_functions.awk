# Length, depth and parameters of every function, in sources that clang-format has laid out: a
# function's braces stand alone in the first column, and each level is indented by four. A comment
# right before a function excuses it with a reason: "lint: parameters: the library calls it so",
# and likewise "lint: lines: …" and "lint: nesting: …".

BEGIN { LINES_HARD = 100; LINES_AIM = 60; DEPTH_HARD = 4; PARAMETERS_HARD = 5 }

# Without the "..." of a variadic function.
function parameters(signature,    i, c, depth, count, empty) {
    sub(/, \.\.\./, "", signature)
    for (i = 1; i <= length(signature); i++) {
        c = substr(signature, i, 1)
        if (c == "(" && ++depth == 1) {
            count = 1
            empty = 1
        } else if (c == ")") {
            depth--
        } else if (depth == 1) {
            count += c == ","
            empty = empty && c == " "
        }
    }
    return empty ? 0 : count
}

function name_of(signature) {
    sub(/\(.*/, "", signature)
    sub(/.*[ *]/, "", signature)
    return signature
}

function refuse(text) {
    print FILENAME ":" first ": " text
}

function finish(    size, count) {
    size = FNR - first + 1
    count = parameters(signature)
    if (size > LINES_HARD && excuse !~ /lint: lines: ./)
        refuse(name " has " size " lines (at most " LINES_HARD ")")
    else if (size > LINES_AIM)
        print "note: " FILENAME ":" first ": " name " has " size " lines (aim: " LINES_AIM ")"
    if (depth > DEPTH_HARD && excuse !~ /lint: nesting: ./)
        refuse(name " nests " depth " deep (at most " DEPTH_HARD ")")
    if (count > PARAMETERS_HARD && excuse !~ /lint: parameters: ./)
        refuse(name " has " count " parameters (at most " PARAMETERS_HARD "): pass a struct")
    if (FILENAME ~ /^tests\/|_(test|fuzz|bench)\.[ch]$/)
        return
    lines[size]++
    depths[depth]++
    functions++
    statics += signature ~ /^(static|inline) /
}

function quantile(histogram, share,    wanted, value) {
    wanted = functions * share
    for (value = 0; wanted > 0; value++)
        wanted -= histogram[value]
    return value - 1
}

FNR == 1 { inside = 0; signature = "" }

!inside && /^\{$/ {
    inside = 1
    depth = 0
    name = name_of(signature)
    next
}

inside && /^\}/ {
    inside = 0
    finish()
    signature = excuse = ""
    next
}

inside {
    if ($0 ~ /^ +((if|for|while|switch|do|else|try)( |$)|\{$)/) {
        match($0, /^ +/)
        if (RLENGTH / 4 > depth)
            depth = RLENGTH / 4
    }
    next
}

/lint: [a-z]+: ./ { excuse = excuse $0 }

/^#|^$|;$|^\}/ { signature = excuse = ""; next }

/\*\/$|^\/\// { signature = ""; next }

{
    if (signature == "")
        first = FNR
    signature = signature " " $0
    sub(/^ +/, "", signature)
}

END {
    if (!functions)
        exit
    share = int(100 * statics / functions)
    printf "note: %d functions; lines: median %d, p95 %d; nesting: p95 %d; static: %d %%\n",
        functions, quantile(lines, 0.5), quantile(lines, 0.95), quantile(depths, 0.95), share
    if (quantile(lines, 0.5) > 20 || quantile(lines, 0.95) > 60 || quantile(depths, 0.95) > 3)
        print "the whole: lines at most 20 (median) and 60 (p95), nesting at most 3 (p95)"
    if (2 * statics <= functions)
        print "the whole: " share " % of the functions are static (more than 50 %)"
}
