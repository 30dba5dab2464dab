package dev.millrace.tokenizer.template;

/// What one template may cost. Reaching any of these is a {@link TemplateException}, never a hang or a full heap.
///
/// @param sourceCharacters length of a template's source
/// @param nesting depth of parentheses, brackets and blocks in the source
/// @param steps expressions and statements evaluated, and elements visited or built, in one rendering
/// @param depth nesting of evaluation (macros calling macros, values inside values)
/// @param stringCharacters length of one string, the rendered prompt included
/// @param builtCharacters characters of all strings built in one rendering, which bounds its memory
/// @param scannedCharacters characters of strings searched or compared in one rendering
public record TemplateLimits(
        int sourceCharacters,
        int nesting,
        long steps,
        int depth,
        int stringCharacters,
        long builtCharacters,
        long scannedCharacters) {

    /// About a second of work and a few hundred mebibytes at the very worst; real templates stay a thousandfold below.
    public static final TemplateLimits DEFAULT =
            new TemplateLimits(4 << 20, 128, 4_000_000, 400, 16 << 20, 64L << 20, 256L << 20);
}
