/// Tokenising, detokenising and rendering templates for the curious, as llama-server does it.
@NullMarked
package dev.millrace.gateway.text;

import org.jspecify.annotations.NullMarked;
