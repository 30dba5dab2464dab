/// From text to token ids and back, by the vocabulary that a GGUF file carries: byte-level BPE, SentencePiece and
/// WordPiece. [Tokenizer] is the door; what is behind it cannot be changed once built and may be shared by threads.
@NullMarked
package dev.millrace.tokenizer.vocabulary;

import org.jspecify.annotations.NullMarked;
