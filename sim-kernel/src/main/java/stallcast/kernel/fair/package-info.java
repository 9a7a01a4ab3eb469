/** The fair class and the server that protects it from real-time tasks. */
package stallcast.kernel.fair;
