/// Memory that two stages on one machine have in common, in which the rows between them lie. What happens in which
/// order is told on the link between the stages; here nobody waits.
@NullMarked
package dev.millrace.worker.ring;

import org.jspecify.annotations.NullMarked;
