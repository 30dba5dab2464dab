@NullMarked
package dev.millrace.worker.grpc.link;

import org.jspecify.annotations.NullMarked;
