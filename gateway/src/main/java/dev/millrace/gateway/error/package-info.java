/// What clients are told when something is wrong.
@NullMarked
package dev.millrace.gateway.error;

import org.jspecify.annotations.NullMarked;
