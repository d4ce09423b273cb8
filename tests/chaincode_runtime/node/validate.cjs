// Judges contract metadata (standard input, JSON) by the official contract schema; prints the errors as JSON.
const Ajv = require('ajv');
const path = require('path');
const schema = require(path.join(path.dirname(require.resolve('fabric-contract-api/package.json')), 'schema', 'contract-schema.json'));
const ajv = new Ajv({ schemaId: 'id', meta: false, allErrors: true, unknownFormats: 'ignore' });
ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json'));
const valid = ajv.validate(schema, JSON.parse(require('fs').readFileSync(0, 'utf8')));
process.stdout.write(JSON.stringify({ valid, errors: ajv.errors }));
