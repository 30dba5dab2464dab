/// Cutting text into the pieces within which byte pairs are merged: one hand-written scanner per kind of rule instead
/// of regular expressions, so that every input, whatever it holds, is cut in one pass.
@NullMarked
package dev.millrace.tokenizer.vocabulary.split;

import org.jspecify.annotations.NullMarked;
