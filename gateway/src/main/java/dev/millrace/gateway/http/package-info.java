/// What every HTTP exchange shares: error answers, routes, limits, cross-origin rules and admission.
@NullMarked
package dev.millrace.gateway.http;

import org.jspecify.annotations.NullMarked;
