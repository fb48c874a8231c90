"""States of the world with their peoples and capitals: how a topic knows a third state that its file does not list.

One line a state: names; adjectives and peoples; capital. Words that mean something else too often (Jordan the name,
Georgia the American state) stay in, because only a subject of a speech act is ever looked up here.
"""

STATES = """
Afghanistan,Taliban; Afghan,Afghans; Kabul
Albania; Albanian,Albanians; Tirana
Algeria; Algerian,Algerians; Algiers
Argentina; Argentine,Argentinian; Buenos Aires
Armenia; Armenian,Armenians; Yerevan
Australia; Australian,Australians; Canberra
Austria; Austrian,Austrians; Vienna
Azerbaijan; Azerbaijani,Azerbaijanis,Azeri; Baku
Bahrain; Bahraini; Manama
Bangladesh; Bangladeshi; Dhaka
Belarus; Belarusian,Belarusians,Belarussian; Minsk
Belgium; Belgian,Belgians; Brussels
Bolivia; Bolivian; La Paz
Bosnia,Bosnia and Herzegovina; Bosnian,Bosnians; Sarajevo
Brazil; Brazilian,Brazilians; Brasilia
Britain,United Kingdom,UK,Great Britain; British,Britons,English; London
Bulgaria; Bulgarian,Bulgarians; Sofia
Burkina Faso; Burkinabe; Ouagadougou
Cambodia; Cambodian; Phnom Penh
Cameroon; Cameroonian; Yaounde
Canada; Canadian,Canadians; Ottawa
Chad; Chadian; N'Djamena
Chile; Chilean; Santiago
China; Chinese; Beijing
Colombia; Colombian; Bogota
Croatia; Croatian,Croat; Zagreb
Cuba; Cuban; Havana
Cyprus; Cypriot; Nicosia
Czech Republic,Czechia; Czech,Czechs; Prague
Denmark; Danish,Danes; Copenhagen
DR Congo,Congo,DRC; Congolese; Kinshasa
Ecuador; Ecuadorian; Quito
Egypt; Egyptian,Egyptians; Cairo
Eritrea; Eritrean,Eritreans; Asmara
Estonia; Estonian,Estonians; Tallinn
Ethiopia; Ethiopian,Ethiopians; Addis Ababa
Finland; Finnish,Finns; Helsinki
France; French; Paris
Georgia; Georgian,Georgians; Tbilisi
Germany; German,Germans; Berlin
Ghana; Ghanaian; Accra
Greece; Greek,Greeks; Athens
Hungary; Hungarian,Hungarians; Budapest
Iceland; Icelandic; Reykjavik
India; Indian,Indians; New Delhi,Delhi
Indonesia; Indonesian; Jakarta
Iran; Iranian,Iranians; Tehran,Teheran
Iraq; Iraqi,Iraqis; Baghdad
Ireland; Irish; Dublin
Israel; Israeli,Israelis; Jerusalem,Tel Aviv
Italy; Italian,Italians; Rome
Japan; Japanese; Tokyo
Jordan; Jordanian; Amman
Kazakhstan; Kazakh; Astana
Kenya; Kenyan; Nairobi
Kosovo; Kosovar,Kosovan; Pristina
Kuwait; Kuwaiti; Kuwait City
Kyrgyzstan; Kyrgyz; Bishkek
Latvia; Latvian,Latvians; Riga
Lebanon; Lebanese; Beirut
Libya; Libyan; Tripoli
Lithuania; Lithuanian,Lithuanians; Vilnius
Luxembourg; Luxembourgish; Luxembourg
Malaysia; Malaysian; Kuala Lumpur
Mali; Malian; Bamako
Malta; Maltese; Valletta
Mexico; Mexican; Mexico City
Moldova; Moldovan,Moldovans; Chisinau
Mongolia; Mongolian; Ulaanbaatar
Montenegro; Montenegrin; Podgorica
Morocco; Moroccan; Rabat
Myanmar; Burmese; Naypyidaw
Netherlands,Holland; Dutch; The Hague
New Zealand; New Zealander; Wellington
Niger; Nigerien; Niamey
Nigeria; Nigerian; Abuja
North Korea,DPRK; North Korean,North Koreans; Pyongyang
North Macedonia; Macedonian; Skopje
Norway; Norwegian,Norwegians; Oslo
Oman; Omani; Muscat
Pakistan; Pakistani,Pakistanis; Islamabad
Palestine,Palestinian Authority,Hamas; Palestinian,Palestinians; Ramallah
Peru; Peruvian; Lima
Philippines; Filipino,Philippine; Manila
Poland; Polish,Poles; Warsaw
Portugal; Portuguese; Lisbon
Qatar; Qatari,Qataris; Doha
Romania; Romanian,Romanians; Bucharest
Russia; Russian,Russians; Moscow
Rwanda; Rwandan,Rwandans; Kigali
Saudi Arabia; Saudi,Saudis; Riyadh
Senegal; Senegalese; Dakar
Serbia; Serbian,Serb,Serbs; Belgrade
Singapore; Singaporean; Singapore
Slovakia; Slovak,Slovaks; Bratislava
Slovenia; Slovenian,Slovene; Ljubljana
Somalia; Somali; Mogadishu
South Africa; South African,South Africans; Pretoria
South Korea; South Korean; Seoul
South Sudan; South Sudanese; Juba
Spain; Spanish,Spaniards; Madrid
Sri Lanka; Sri Lankan; Colombo
Sudan; Sudanese; Khartoum
Sweden; Swedish,Swedes; Stockholm
Switzerland; Swiss; Bern
Syria; Syrian,Syrians; Damascus
Taiwan; Taiwanese; Taipei
Tajikistan; Tajik; Dushanbe
Tanzania; Tanzanian; Dodoma
Thailand; Thai; Bangkok
Tunisia; Tunisian; Tunis
Turkey,Turkiye; Turkish,Turks; Ankara
Turkmenistan; Turkmen; Ashgabat
Uganda; Ugandan; Kampala
Ukraine; Ukrainian,Ukrainians; Kyiv,Kiev
United Arab Emirates,UAE,Emirates; Emirati; Abu Dhabi
United States,US,U.S.,USA,America; American,Americans; Washington
Uruguay; Uruguayan; Montevideo
Uzbekistan; Uzbek; Tashkent
Venezuela; Venezuelan; Caracas
Vatican,Holy See; Papal; Vatican
Vietnam; Vietnamese; Hanoi
Yemen,Houthis; Yemeni,Houthi; Sanaa
Zambia; Zambian; Lusaka
Zimbabwe; Zimbabwean; Harare
European Union,EU; ; Brussels
United Nations,UN,U.N.; ;
NATO,Nato; ;
African Union; ;
Arab League; ;
OSCE; ;
G7,Group of Seven; ;
Council of Europe; ;
International Criminal Court,ICC; ;
International Court of Justice,ICJ; ;
Red Cross,ICRC; ;
CSTO; ;
IAEA,International Atomic Energy Agency; ;
BRICS; ;
Hezbollah; ;
"""


def states() -> tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...]:
    """Return (names, adjectives and peoples, capitals) of each state and body."""
    rows = [line.split(";") for line in STATES.strip().splitlines()]
    return tuple(tuple(tuple(w.strip() for w in cell.split(",") if w.strip()) for cell in row) for row in rows)  # type: ignore[misc]
