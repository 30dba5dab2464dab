/// Settings, wiring and process manners: the only package that knows all others.
@NullMarked
package dev.millrace.tokenizer.config;

import org.jspecify.annotations.NullMarked;
