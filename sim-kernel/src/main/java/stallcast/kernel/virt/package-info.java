/** What a hypervisor does to the machine: live migrations and other stops. */
package stallcast.kernel.virt;
