/** Makes what a kernel does visible as text. */
package stallcast.kernel.trace;
