/// Chat templates: an interpreter of the Jinja language as the templates of language models use it.
///
/// Templates come inside model files and are hostile by assumption: they see only values of this package, never Java
/// objects, and every step, character and level of nesting is counted ({@link TemplateLimits}). Semantics follow
/// Python's jinja2 with `trim_blocks`, `lstrip_blocks`, loop controls and the immutable sandbox. Every character of a
/// rendered prompt says whether the template wrote it or whether it came from a message ({@link Segment}).
@NullMarked
package dev.millrace.tokenizer.template;

import org.jspecify.annotations.NullMarked;
