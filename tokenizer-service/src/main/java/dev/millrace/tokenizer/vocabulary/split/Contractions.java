package dev.millrace.tokenizer.vocabulary.split;

/// English contractions: `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll`, `'d`.
final class Contractions {
    private Contractions() {}

    /// How many code points the contraction at `position` has, 0 where there is none. Only ASCII letters count, in
    /// either case where `ignoreCase`.
    static int length(ClassifiedText text, int position, int end, boolean ignoreCase) {
        if (position + 1 >= end || text.codePoint(position) != '\'') {
            return 0;
        }
        int first = letter(text, position + 1, ignoreCase);
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return 2;
        }
        if (position + 2 >= end) {
            return 0;
        }
        int second = letter(text, position + 2, ignoreCase);
        boolean matches = ((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l');
        return matches ? 3 : 0;
    }

    private static int letter(ClassifiedText text, int position, boolean ignoreCase) {
        int codePoint = text.codePoint(position);
        return ignoreCase && codePoint >= 'A' && codePoint <= 'Z' ? codePoint + ('a' - 'A') : codePoint;
    }
}
