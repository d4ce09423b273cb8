// A portal written with fhir-kit-client as npm has it: search page by page, book, book again, cancel, be refused.
import { Client } from 'fhir-kit-client';

const [baseUrl, token, patient] = process.argv.slice(2);
const client = new Client({ baseUrl, bearerToken: token });
const told = {};

const capability = await client.capabilityStatement();
told.version = capability.fhirVersion;

let bundle = await client.search({ resourceType: 'Slot', searchParams: { status: 'free', _count: 5 } });
told.slots = [];
while (bundle) {
  told.slots.push(...(bundle.entry ?? []).map((entry) => entry.resource.id));
  bundle = await client.nextPage({ bundle });
}

const appointment = (slot) => ({
  resourceType: 'Appointment',
  status: 'proposed',
  slot: [{ reference: `Slot/${slot}` }],
  participant: [{ actor: { identifier: { system: 'urn:citychain:resident', value: patient } }, status: 'accepted' }],
});

const booked = await client.operation({ name: 'book', resourceType: 'Appointment', input: appointment(told.slots[0]) });
const again = await client.create({
  resourceType: 'Appointment',
  body: appointment(told.slots[1]),
  options: { headers: { 'If-None-Exist': `patient=${patient}&status=booked` } },
});
told.booked = booked.id;
told.again = again.id;
told.read = (await client.read({ resourceType: 'Appointment', id: booked.id })).status;
told.batch = (
  await client.batch({
    body: {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: `Slot/${told.slots[0]}` } }, { request: { method: 'GET', url: 'Slot/none' } }],
    },
  })
).entry.map((entry) => entry.response.status.slice(0, 3));
told.cancelled = (await client.update({ resourceType: 'Appointment', id: booked.id, body: { ...booked, status: 'cancelled' } })).status;
try {
  await client.search({ resourceType: 'Slot', searchParams: { start: 'soon' } });
} catch (error) {
  told.refused = [error.response.status, error.response.data.issue[0].expression[0]];
}
console.log(JSON.stringify(told));
