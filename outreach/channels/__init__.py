"""The ways out: SendGrid for e-mail, Twilio for WhatsApp, and what they tell us afterwards."""
